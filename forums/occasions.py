"""What actions write down, in their transaction, for people to be told: one occasion each, spread by the worker (forums/spreads.py).

Nothing is noted of what waits for the moderators: who approves it notes it then. What it says is read when it is shown
(forums/notices.py), with the reader's rights at that time.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Upper

from accounts.actions.notifications import notify
from accounts.models import Notification, User
from accounts.occasions import note
from accounts.permissions import visible_people
from chatter.core.text import mention_candidates
from forums.models import Comment, Forum, Invitation, JoinRequest, Member, Post

# So many names of a text are looked up; the rest stand there as words.
NAMES_MAX = 50

Kind = Notification.Kind
type Written = Post | Comment


def mentions_for(author: User, forum: Forum, source: str) -> Mapping[str, str]:
    """Whom `source` may name there, as `render(mentions=…)` wants it: who may read the forum and may be shown to the author (one
    query, none where nobody is named). Whether they are told of it, they said themselves."""
    names = [name.upper() for name in mention_candidates(source)[:NAMES_MAX]]
    if not names:
        return {}
    people = visible_people(author).alias(called=Upper("username")).filter(called__in=names, is_guest=False)
    if not forum.is_public:
        people = people.filter(forum_members__forum=forum)
    return {username.lower(): str(key) for key, username in people.values_list("pk", "username")}


def note_post(post: Post) -> None:
    """A new post, or one that was approved: whom it names is told, who follows its author, and who follows the forum."""
    if post.is_listed:
        note("forums.post", f"forums.post:{post.pk}", **_about(post))


def note_comment(comment: Comment) -> None:
    """A new comment, or one that was approved: whom it answers and names is told, and who follows the post."""
    if comment.is_shown:
        note("forums.comment", f"forums.comment:{comment.pk}", **_about(comment))


def note_edit(written: Written, before: str) -> None:
    """What it says was changed; `before` is the html it had. Who is named only now is told."""
    if 'class="mention"' in written.html:
        note("forums.edit", f"forums.edit:{written.pk}", detail={"before": before}, **_about(written))


def note_gone(written: Written) -> None:
    """It was deleted, removed or held again: what people have unread of it is taken back."""
    note("forums.gone", f"forums.gone:{written.pk}", **_about(written))


def notify_removal(written: Written, *, rule: str = "", reason: str = "") -> None:
    """Its author is told that moderators removed it, for which rule and with which words. Not who did it."""
    _decide(written.author_id, "removed", written, rule=rule, reason=reason)


def notify_approval(written: Written) -> None:
    """Its author is told that what waited, or was removed, is to be seen."""
    _decide(written.author_id, "approved", written)


def notify_ban(forum: Forum, person: Any, *, until: Any = None, reason: str = "") -> None:
    """`person` (or their id) may not take part any more."""
    _tell(person, "banned", forum, until=until.isoformat() if until else "", reason=reason)


def notify_ban_lifted(forum: Forum, person: Any) -> None:
    _tell(person, "ban_lifted", forum)


def notify_put_out(forum: Forum, person: Any, *, reason: str = "") -> None:
    """Moderators took a member out."""
    _tell(person, "put_out", forum, reason=reason)


def notify_moderator(member: Member, forum: Forum) -> None:
    """Somebody moderates now, or no longer."""
    _tell(member.user_id, "moderator" if member.permissions else "no_moderator", forum)


def notify_owner(forum: Forum, person: Any) -> None:
    """The forum was handed over to `person`."""
    _tell(person, "owned", forum)


def notify_request_decided(request: JoinRequest, forum: Forum) -> None:
    """Who asked to come in learns the answer, not whose it is."""
    _tell(request.user_id, f"request_{request.state}", forum)


def notify_invitation(invitation: Invitation) -> None:
    """Somebody asks a person into a forum. It is shown as long as the invitation stands."""
    notify(
        recipient=invitation.user_id,
        kind=Kind.INVITATION,
        group_key=f"forum_invitation:{invitation.forum_id}",
        actor=invitation.inviter_id,
        source=invitation,
    )


def _about(written: Written) -> dict[str, Any]:
    """Where it stands: a notification is of a post (place) and in it of a comment (position; 0 is the post itself)."""
    is_post = isinstance(written, Post)
    return {
        "place": written.pk if isinstance(written, Post) else written.post_id,
        "position": 0 if is_post else written.number,
        "source_id": written.pk,
        "actor_id": written.author_id,
    }


def _decide(person: Any, event: str, written: Written, **facts: str) -> None:
    post = written if isinstance(written, Post) else written.post
    kind, comment = ("post", 0) if isinstance(written, Post) else ("comment", written.number)
    _tell(person, f"{kind}_{event}", post.forum, about=written, post=post.number, comment=comment, **facts)


def _tell(person: Any, event: str, forum: Forum, *, about: Written | None = None, **facts: Any) -> None:
    payload = {"event": f"forum_{event}", "forum": str(forum.pk), "name": forum.name, "slug": forum.slug, **facts}
    key = f"forum_{event}:{(about or forum).pk}"
    notify(recipient=person, kind=Kind.MODERATION, group_key=key, source=about or forum, payload=payload)
