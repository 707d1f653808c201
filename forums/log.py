"""The log of a forum as one of its readers may read it: who did what to whom and why.

Titles are read when the log is shown, with the reader's rights: what was removed has none for who does not moderate posts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.log import Fact, LogLine, LogReader
from accounts.models import AuditEntry
from forums.log_words import VOCABULARY
from forums.models import Comment, Forum, Post
from forums.permissions import Standing, may_read
from forums.wording import rights_in_words

CHOICES = {"posting": Forum.Posting, "holding": Forum.Holding}


def log_lines(standing: Standing, entries: Sequence[AuditEntry]) -> list[LogLine]:
    """The entries in words, in a number of queries that does not grow (at most three)."""
    return ForumLog(standing, entries).lines()


class ForumLog(LogReader):
    vocabulary = VOCABULARY
    bits = frozenset({"permissions"})

    def __init__(self, standing: Standing, entries: Sequence[AuditEntry]) -> None:
        super().__init__(entries)
        self.standing = standing
        self.titles = self._titles(self._targets("post"), self._targets("comment"))

    def _targets(self, kind: str) -> set[UUID]:
        return {entry.target_id for entry in self.entries if entry.target_kind == kind and entry.target_id}

    def _titles(self, posts: set[UUID], comments: set[UUID]) -> dict[UUID, str]:
        """What posts are called, and the posts that comments stand under."""
        named = {"forum": self.standing.forum}
        found = dict(Comment.objects.filter(pk__in=comments).values_list("pk", "post")) if comments else {}
        wanted = posts | set(found.values())
        rows = Post.objects.filter(pk__in=wanted, **named).defer("content", "html", "search") if wanted else ()
        titles = {post.pk: post.title for post in rows if may_read(self.standing, post)}
        return titles | {key: titles[post] for key, post in found.items() if post in titles}

    def thing(self, entry: AuditEntry) -> str:
        facts = entry.facts
        if entry.target_kind in {"post", "comment"}:
            title = self.titles.get(entry.target_id) if entry.target_id else None
            return f"“{title}”" if title else f"#{facts.get('number', '')}"
        return str(facts.get("name") or facts.get("title") or "")

    def rights(self, bits: int) -> str:
        return ", ".join(str(words) for words in rights_in_words(bits)) or _("nothing")

    def spoken(self) -> dict[str, Callable[[Any], str]]:
        choices = {name: lambda value, of=of: _choice(of, value) for name, of in CHOICES.items()}
        return {
            **choices,
            "kinds_off": lambda kinds: ", ".join(_choice(Post.Kind, kind) for kind in kinds) or "–",
            "sweep": lambda _seconds: _("yes"),
        }

    def special(self, entry: AuditEntry, words: Mapping[str, Any]) -> list[Fact] | None:
        facts = entry.facts
        if entry.action.startswith("forum.moderator."):
            pair = (facts.get("before"), facts.get("after"))
            return [self.changed("permissions", *pair)] if pair != (None, None) else []
        if entry.action == "forum.moved":
            return [self.changed("slug", facts.get("before"), facts.get("after"))]
        if entry.action == "forum.rule.changed" and facts.get("before") != facts.get("title"):
            return [self.changed("name", facts.get("before"), facts.get("title"))]
        return [] if entry.action == "forum.transferred" else None


def _choice(of: Any, value: Any) -> str:
    return str(of(value).label) if value in of.values else str(value)
