"""The log of a group as one of its members may read it: who did what, told in sentences, with what it changed.

Names of channels and categories that the reader does not see are not told; who is deleted is named nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.log import Fact, LogLine, LogReader, called
from accounts.models import AuditEntry
from chatter.core.hues import HUES
from groups.log_words import VOCABULARY
from groups.models import Channel, Member, Role
from groups.permissions import ALL, Right, Standing
from groups.places import reader_of, sections_of
from groups.wording import name_of

PLACES = ("channel", "category")


def log_lines(standing: Standing, entries: Sequence[AuditEntry]) -> list[LogLine]:
    """The entries in words, in a number of queries that does not grow (at most seven)."""
    return GroupLog(standing, entries).lines()


class GroupLog(LogReader):
    """What ids are called, and which places the reader sees."""

    vocabulary = VOCABULARY
    bits = frozenset({"permissions", "allow", "deny"})

    def __init__(self, standing: Standing, entries: Sequence[AuditEntry]) -> None:
        super().__init__(entries)
        self.sees_all = standing.is_owner or standing.can(Right.ADMINISTRATOR)
        self.seen = set() if self.sees_all or not self._keys(*PLACES) else _seen_places(standing)
        members = Member.objects.select_related("user").in_bulk(self._keys("member"))
        roles = Role.objects.filter(group=standing.group).in_bulk(self._keys("role"))
        self.members = {str(key): called(member.user) for key, member in members.items()}
        self.roles = {str(key): role.name for key, role in roles.items()}

    def _keys(self, *names: str) -> set[UUID]:
        return {UUID(entry.facts[name]) for entry in self.entries for name in names if entry.facts.get(name)}

    def hides(self, entry: AuditEntry) -> bool:
        """Is the entry about a place that the reader does not see?"""
        keys = {entry.facts[name] for name in PLACES if entry.facts.get(name)}
        return not self.sees_all and bool(keys - self.seen)

    def hidden_name(self, entry: AuditEntry) -> str:
        return _("a place you cannot see")

    def rights(self, bits: int) -> str:
        """In the order of the bits; those this version does not know are left out."""
        return ", ".join(str(name_of(right)) for right in Right if bits & right & ALL) or _("nothing")

    def spoken(self) -> dict[str, Callable[[Any], str]]:
        return {
            "hue": lambda hue: str(HUES[hue]),
            "kind": lambda kind: str(Channel.Kind(kind).label) if kind in Channel.Kind.values else str(kind),
            "role": lambda key: self.roles.get(str(key), _("a role that is gone")),
            "member": lambda key: self.members.get(str(key), _("somebody who is gone")),
            "purge": lambda _seconds: _("yes"),
        }

    def special(self, entry: AuditEntry, words: Mapping[str, Any]) -> list[Fact] | None:
        facts = entry.facts
        if entry.action == "group.nickname.changed":
            return [self.changed("nickname", words.get("before"), words.get("after"))] if "after" in words else []
        if entry.action == "group.override.changed":
            return self._override(facts)
        if entry.action == "group.role.moved":
            return [self.changed("position", facts.get("old"), facts.get("new"))]
        if entry.action == "group.category.renamed":
            return [self.changed("name", facts.get("before"), facts.get("name"))]
        return None

    def _override(self, facts: dict[str, Any]) -> list[Fact]:
        """For whom, and what is allowed and denied there now."""
        fields = self.vocabulary.fields
        whom = [Fact(fields[kind], self.say(kind, facts[kind])) for kind in ("role", "member") if facts.get(kind)]
        old = dict(zip(("allow", "deny"), facts.get("before", (0, 0)), strict=False))
        return whom + [
            Fact(fields[name], self.say(name, facts[name]), self.say(name, old.get(name, 0)))
            for name in ("allow", "deny")
            if facts.get(name) != old.get(name)
        ]


def _seen_places(standing: Standing) -> set[str]:
    sections = sections_of(reader_of(standing))
    seen = {str(line.channel.pk) for section in sections for line in section.lines}
    return seen | {str(section.category.pk) for section in sections if section.category and section.is_open}
