"""Opening places to talk, and what they are called."""

import unicodedata
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import likeness, tidy_name
from accounts.permissions import check_member, check_reach
from accounts.privacy import Way
from chat.actions.log import (
    append_system_message,
    key_of,
    lock_conversation,
    log_change,
)
from chat.actions.membership import admit, set_role, tell_invited
from chat.models import Change, Conversation, Membership
from chat.permissions import Permission, check_permission, membership_of
from chatter.core.errors import NotFound, Refused
from chatter.core.events import ConversationChanged
from chatter.core.realtime import publish

TITLE_MAX_LENGTH = 100
TOPIC_MAX_LENGTH = 300


def ensure_lobby() -> Conversation:
    """The lobby, made at the first call."""
    try:
        with transaction.atomic():
            lobby, _made = Conversation.objects.get_or_create(
                kind=Conversation.Kind.LOBBY,
                defaults={
                    "title": "Lobby",
                    "topic": gettext("Everybody is here. Say hello!"),
                },
            )
    except IntegrityError:
        lobby = Conversation.objects.get(kind=Conversation.Kind.LOBBY)
    return lobby


def join_lobby(*, person: Any) -> Conversation:
    """Let the person into the lobby. Superusers administer it, for as long as they are; other roles stay."""
    lobby = ensure_lobby()
    user = person if isinstance(person, User) else User.objects.get(pk=person)
    row = Membership.objects.active().filter(conversation=lobby, user=user).first()
    if row is None or (row.role == Membership.Role.ADMIN) != user.is_superuser:
        role = Membership.Role.ADMIN if user.is_superuser else Membership.Role.MEMBER
        with transaction.atomic():
            lobby = lock_conversation(lobby.pk)
            row = admit(lobby, user, role=role)
            if row.role != role:
                set_role(lobby, row, role)
    return lobby


def open_direct(*, person: Any, other: Any) -> Conversation:
    """The one direct conversation of the pair, made if there is none; it stays unlisted until its first message."""
    me, them = key_of(person), key_of(other)
    if me == them:
        raise Refused("invalid", _("You cannot write to yourself."))
    key = ":".join(sorted([str(me), str(them)]))
    found = Conversation.objects.filter(direct_key=key).first()
    if found is not None:
        return found
    people = {user.pk: user for user in User.objects.filter(pk__in=[me, them])}
    if len(people) < 2:
        raise NotFound
    check_reach(people[me], people[them])
    with transaction.atomic():
        conversation, made = Conversation.objects.get_or_create(
            direct_key=key, defaults={"kind": Conversation.Kind.DIRECT}
        )
        if made:
            for user in people.values():
                admit(conversation, user, role=Membership.Role.MEMBER, tell=False)
    return conversation


def create_group(*, owner: Any, title: str, members: list[Any]) -> Conversation:
    """A group conversation of `owner` and `members`; without a title it is called after its people. Raises Refused."""
    creator = owner if isinstance(owner, User) else User.objects.get(pk=owner)
    check_member(creator)
    people = [person for person in _people(members) if person.pk != creator.pk]
    if not people:
        raise Refused("invalid", _("Choose at least one other person."))
    if len(people) >= settings.CHATTER_GROUP_MAX_MEMBERS:
        raise Refused("invalid", _("So many people do not fit into one conversation."))
    for person in people:
        check_reach(creator, person, Way.GROUP)
    name = (
        _checked(title, TITLE_MAX_LENGTH)
        or ", ".join(person.name for person in [creator, *people][:4])[:TITLE_MAX_LENGTH]
    )
    with transaction.atomic():
        conversation = Conversation.objects.create(kind=Conversation.Kind.GROUP, title=name, owner=creator)
        admit(conversation, creator, role=Membership.Role.OWNER)
        for person in people:
            admit(conversation, person, role=Membership.Role.MEMBER)
        tell_invited(conversation, creator, people)
        publish(append_system_message(conversation, event="created", actor=creator, title=name))
    return conversation


def rename_conversation(*, actor: Any, conversation_id: UUID, title: str, topic: str = "") -> int:
    """Change title and topic. Needs EDIT_CONVERSATION; a direct conversation has neither. Returns the version."""
    name, about = _checked(title, TITLE_MAX_LENGTH), _checked(topic, TOPIC_MAX_LENGTH)
    person = key_of(actor)
    with transaction.atomic():
        membership_of(person, conversation_id)
        conversation = lock_conversation(conversation_id)
        membership = membership_of(person, conversation_id)
        check_permission(membership, Permission.EDIT_CONVERSATION)
        if not name:
            raise Refused("invalid", _("A conversation needs a name."))
        if (name, about) == (conversation.title, conversation.topic):
            return conversation.version
        renamed = name != conversation.title
        conversation.title, conversation.topic = name, about
        conversation.save(update_fields=["title", "topic"])
        version = log_change(
            conversation,
            Change.Kind.CHANGED,
            actor=person,
            detail={"title": name, "topic": about},
        )
        publish(
            ConversationChanged(
                conversation=conversation.pk,
                access_version=conversation.access_version,
                version=version,
                title=name,
                topic=about,
                settings=conversation.settings,
            )
        )
        if renamed:
            publish(append_system_message(conversation, event="renamed", actor=membership.user, title=name))
    return conversation.version


def _people(members: list[Any]) -> list[User]:
    keys = {key_of(member) for member in members}
    found = list(User.objects.reachable().filter(pk__in=keys).order_by("username"))
    if len(found) != len(keys):
        raise NotFound
    return found


def _checked(raw: str, limit: int) -> str:
    """One line of what can be seen, "" where nothing can; nothing in it turns the text around about. Raises Refused."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace() for character in raw):
        raise Refused("invalid")
    line = tidy_name(raw)
    if len(line) > limit:
        raise Refused("too_long", _("This name is too long."))
    return line if likeness(line) else ""
