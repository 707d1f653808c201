"""The people tests are about: Alice owns, Bob is her friend, Charlie is a stranger, Mallory is blocked, Mod moderates."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from accounts.models import Block, Friendship, User
from chat.actions.conversation import create_group, join_lobby, open_direct
from chat.actions.send import Sent, send_message
from chat.models import Conversation, Membership
from chat.permissions import permissions_of_role
from tests.factories import make_person


@dataclass(frozen=True)
class Cast:
    """The people, all in the lobby, and the places some of them share."""

    alice: User
    bob: User
    charlie: User
    mallory: User
    mod: User
    lobby: Conversation
    group: Conversation
    direct: Conversation


def make_cast() -> Cast:
    """Alice, Bob and Mod share a group (Alice owns, Mod moderates); Alice and Bob a direct conversation; Alice blocks Mallory."""
    alice, bob, charlie, mallory, mod = (
        make_person(username=name, display_name=name.title()) for name in ("alice", "bob", "charlie", "mallory", "mod")
    )
    for person in (alice, bob, charlie, mallory, mod):
        lobby = join_lobby(person=person)
    Friendship.objects.create(requester=alice, addressee=bob, state=Friendship.State.ACCEPTED)
    group = create_group(owner=alice, title="Cartographers", members=[bob, mod])
    Membership.objects.filter(conversation=group, user=mod).update(
        role=Membership.Role.MODERATOR, permissions=permissions_of_role("group", "moderator")
    )
    direct = open_direct(person=alice, other=bob)
    Block.objects.create(blocker=alice, blocked=mallory)
    return Cast(alice, bob, charlie, mallory, mod, lobby, group, direct)


def say(sender: User, conversation: Conversation, content: str = "Hello", *, reply_to: UUID | None = None) -> Sent:
    """`sender` says something there, as the form of the page would."""
    return send_message(
        sender=sender, conversation_id=conversation.pk, client_id=uuid4(), content=content, reply_to=reply_to
    )
