"""Comments as html: cast in moulds, for a page shows hundreds. The same for the page, for what is loaded later and for what is pushed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from accounts.models.user import avatar_url, hue_of, initials_of
from accounts.permissions import blocked_by
from chatter.core.addresses import address
from chatter.templatetags.page import picture_html
from forums.models import Post
from forums.permissions import Right, Standing, allowed, check_comments, check_votes
from forums.reading.ages import ago
from forums.reading.moulds import STAND_INS, mould
from forums.reading.tree import LEVELS, Forest, Line, Sort

PLACES = ("id", "number", "score", "login", "head", "body", "time", "answers")
_AUTHOR = ("author", "name", "username", "initials", "hue", "picture", "flair", "flair_hue")
_ANSWERS = "%(answers)s"
_NAMELESS = '<span class="avatar avatar--s avatar--none" aria-hidden="true"></span>'


@dataclass
class Sight:
    """What is the same for all comments of a page: who reads, what they may do, where it lies."""

    standing: Standing
    post: Post
    sort: Sort = Sort.BEST
    login: str = ""
    focus: int = 0
    now: datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        standing, post, person = self.standing, self.post, self.standing.person
        self.reader = person.pk if person else None
        self.links_people = person is not None and not person.is_guest
        self.blocked = blocked_by(person) if person else frozenset()
        self.moderates = standing.can(Right.POSTS)
        self.may_vote = allowed(check_votes, standing, post)
        self.may_reply = allowed(check_comments, standing, post) or (person is None and is_open(post))
        self.hidden_after = self.now - timedelta(minutes=standing.forum.scores_hidden_minutes)
        self.base = f"{address('forum', standing.forum.slug)}{post.number}/c/"
        self.report = address("report", "comment", STAND_INS["id"]) if self.links_people else ""
        self.moderate = self._moderate_address()
        self.moulds: dict[Look, tuple[str, str]] = {}
        self.heads: dict[UUID, str] = {}

    def _moderate_address(self) -> str:
        return address("comment_moderate", self.standing.forum.slug, self.post.number, STAND_INS["number"])


class Look(NamedTuple):
    """What makes one comment look otherwise than the next: a mould for each."""

    state: str
    mine: int
    is_hidden: bool
    is_own: bool
    is_edited: bool
    is_focus: bool


def is_open(post: Post) -> bool:
    return post.locked_at is None and post.deleted_at is None and post.removed_at is None


def tree_html(
    forest: Forest,
    sight: Sight,
    *,
    level: int = 0,
    roots: list[Line] | None = None,
    rest: Mapping[UUID, str] = MappingProxyType({}),
) -> SafeString:
    """The comments of the forest, or these `roots`, each with what answers it. `level` is that of the first ones; `rest` stands
    in place of the link to further answers of a comment."""
    out: list[str] = []
    # What is still to come, the next one last: pieces of html, and comments with their level.
    coming: list[str | tuple[Line, int]] = []
    first = forest.answers.get(forest.roots, []) if roots is None else roots
    coming.extend((line, level) for line in reversed(first))
    while coming:
        piece = coming.pop()
        if isinstance(piece, str):
            out.append(piece)
            continue
        line, at = piece
        opening, tail = _cast(line, sight)
        out.append(opening)
        coming.append(tail)
        answers = forest.answers.get(line.id, [])
        if more := rest[line.id] if line.id in rest else _more(line, answers, sight, at + 1):
            coming.append(more)
        if answers:
            out.append('<ol class="comments__answers">')
            coming.append("</ol>")
            coming.extend((answer, at + 1) for answer in reversed(answers))
    return mark_safe("".join(out))  # noqa: S308 -- cast in moulds, each word escaped


def comment_html(line: Line, sight: Sight) -> SafeString:
    """One comment without its answers."""
    return mark_safe("".join(_cast(line, sight)))  # noqa: S308 -- cast in moulds, each word escaped


def _cast(line: Line, sight: Sight) -> tuple[str, str]:
    """The html of one comment before its answers and after them."""
    state = _state(line, sight)
    look = Look(
        state,
        line.mine,
        line.created_at > sight.hidden_after,
        line.author_id == sight.reader,
        line.edited_at is not None and state not in ("deleted", "removed"),
        line.number == sight.focus,
    )
    shape = sight.moulds.get(look)
    if shape is None:
        shape = sight.moulds[look] = _mould(look, sight)
    head = _NAMELESS if state in ("deleted", "removed", "folded") else _head(line, sight)
    given = {
        "id": line.id,
        "number": line.number,
        "score": line.score,
        "login": sight.login,
        "head": head,
        "body": f"{_head(line, sight)}{line.html}" if state == "folded" else line.html,
        "time": _time(line.created_at, sight.now),
    }
    return shape[0] % given, shape[1] % given


def _state(line: Line, sight: Sight) -> str:
    """What is to be seen of it: "" is all."""
    if line.deleted_at is not None:
        return "deleted"
    if line.held_at is not None:
        return "held"
    if line.removed_at is not None:
        return "out" if sight.moderates or line.author_id == sight.reader else "removed"
    return "folded" if line.author_id in sight.blocked else ""


def _mould(look: Look, sight: Sight) -> tuple[str, str]:
    is_shown = look.state not in ("deleted", "removed")
    html = mould(
        "forums/_comment.html",
        PLACES,
        base=sight.base,
        may_vote=sight.may_vote and look.state == "",
        may_reply=sight.may_reply and look.state == "",
        is_visitor=bool(sight.login),
        report=sight.report if is_shown and not look.is_own else "",
        moderate=sight.moderate if sight.moderates else "",
        **look._asdict(),
    )
    opening, _place, tail = html.partition(_ANSWERS)
    return opening, tail


def _head(line: Line, sight: Sight) -> str:
    """Who wrote it, as the forum knows them: made once for each author of a page."""
    head = sight.heads.get(line.author_id)
    if head is None:
        head = sight.heads[line.author_id] = _author_html(line, sight)
    return head


def _author_html(line: Line, sight: Sight) -> str:
    name = gettext("Deleted user") if line.is_gone else line.display_name or line.username
    shape = mould(
        "forums/_comment_author.html",
        _AUTHOR,
        is_linked=not line.is_gone and sight.links_people,
        is_poster=line.author_id == sight.post.author_id and sight.post.deleted_at is None,
        is_owner=line.author_id == sight.standing.forum.owner_id,
        is_moderator=line.permissions > 0,
        has_flair=line.flair is not None,
    )
    return shape % {
        "author": line.author_id,
        "name": escape(name),
        "username": line.username,
        "initials": escape(initials_of(name)),
        "hue": hue_of(line.author_id),
        "picture": picture_html(avatar_url(line.avatar, 128), "s") if line.avatar and not line.is_gone else "",
        "flair": escape(line.flair or ""),
        "flair_hue": line.flair_hue,
    }


def _time(then: datetime, now: datetime) -> str:
    stamp = then.isoformat(timespec="seconds")
    return f'<local-time datetime="{stamp}" data-format="relative">{ago(then, now)}</local-time>'


def _more(line: Line, shown: list[Line], sight: Sight, level: int) -> str:
    """The link to those of its answers that are not shown."""
    if (count := line.reply_count - len(shown)) <= 0:
        return ""
    if level >= LEVELS:
        words = gettext("Continue this thread")
        return f'<a class="comment__more comment__more--on" href="{sight.base}{line.number}/?sort={sight.sort}">{words} →</a>'
    return more_html(sight, under=line.number, after=shown[-1].number if shown else 0, count=count)


def more_html(sight: Sight, *, under: int, after: int, count: int = 0) -> str:
    """The link to what comes after the comment numbered `after`, among the answers to `under` (0: to the post): a page without
    scripts, else loaded in its place."""
    place = f"{sight.base}{under}/" if under else address("post_short", sight.standing.forum.slug, sight.post.number)
    words = _more_words(count, bool(under))
    return (
        f'<a class="comment__more" href="{place}?sort={sight.sort}&amp;after={after}#comments" rel="nofollow"'
        f' data-under="{under}" data-after="{after}">{words}</a>'
    )


def _more_words(count: int, is_under: bool) -> str:
    if count:
        return ngettext("%(count)d more answer", "%(count)d more answers", count) % {"count": count}
    return gettext("More answers") if is_under else gettext("More comments")
