"""What a post or a comment said before, with what changed from one version to the next."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from uuid import UUID

from django.db.models import QuerySet

from forums.models import Comment, Post, Revision

PAGE = 20
# What is longer is compared as a whole: the comparison costs as much as both lengths multiplied.
PIECES_MAX = 400
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

# "same", "old" or "new", and the text.
type Piece = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One change: when, and what it did to title and text. `is_last`: the post was deleted with it."""

    when: datetime
    is_deletion: bool
    title: list[Piece]
    content: list[Piece]


@dataclass(frozen=True)
class History:
    """Some changes, the newest first; `older` is where the next page begins. `first`: the first version, where it is reached."""

    changes: list[Change]
    older: UUID | None
    first: Revision | None


def history_of(written: Post | Comment, before: UUID | None = None) -> History:
    """The changes of a post or comment that the reader may read (one or two queries)."""
    revisions = _revisions(written).order_by("-pk")
    after = _after(written, before)
    if before:
        revisions = revisions.filter(pk__lt=before)
    rows = list(revisions[: PAGE + 1])
    changes = []
    for revision in rows[:PAGE]:
        changes.append(_change(revision, after))
        after = (revision.title, revision.content)
    has_more = len(rows) > PAGE
    return History(changes, rows[PAGE - 1].pk if has_more else None, None if has_more or not rows else rows[-1])


def _revisions(written: Post | Comment) -> QuerySet[Revision]:
    if isinstance(written, Post):
        return Revision.objects.filter(post=written)
    return Revision.objects.filter(comment=written)


def _after(written: Post | Comment, before: UUID | None) -> tuple[str, str]:
    """What followed the first change of the page."""
    present = (written.title if isinstance(written, Post) else "", written.content)
    if before is None:
        return present
    return _revisions(written).filter(pk=before).values_list("title", "content").first() or present


def _change(old: Revision, new: tuple[str, str]) -> Change:
    if old.kind == Revision.Kind.DELETED:
        return Change(old.created_at, True, [("old", old.title)], [("old", old.content)])
    return Change(old.created_at, False, list(compared(old.title, new[0])), list(compared(old.content, new[1])))


def compared(old: str, new: str) -> Iterator[Piece]:
    """The pieces of both texts in order, lines first, then words within lines that changed."""
    for tag, before, after in _steps(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if tag == "replace":
            for kind, left, right in _steps(_WORDS.findall("".join(before)), _WORDS.findall("".join(after))):
                yield from _pieces(kind, left, right)
        else:
            yield from _pieces(tag, before, after)


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    if len(old) > PIECES_MAX or len(new) > PIECES_MAX:
        yield ("equal" if old == new else "whole", old, new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag, old[a:b], new[c:d]


def _pieces(tag: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    if tag == "equal":
        yield "same", "".join(old)
        return
    if old:
        yield "old", "".join(old)
    if new:
        yield "new", "".join(new)
