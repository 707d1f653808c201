"""The log of a group as one of its members may read it: who did what, told in sentences, with what it changed.

Names of channels and categories that the reader does not see are not told; who is deleted is named nobody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.audit import words_of
from accounts.models import AuditEntry, User
from chatter.core.clock import date_and_time
from groups.log_words import FIELDS, ICONS, SENTENCES, UNKNOWN
from groups.models import Channel, Member, Role
from groups.permissions import ALL, Right, Standing
from groups.places import reader_of, sections_of
from groups.wording import HUES, name_of

BITS = {"permissions", "allow", "deny"}
MOMENTS = {"until", "since", "expires_at", "due"}
PLACES = ("channel", "category")


class Fact(NamedTuple):
    """What was changed: `before` is "" where it was not there, or does not matter."""

    label: Any
    value: str
    before: str = ""


@dataclass(frozen=True)
class LogLine:
    """An entry as the page shows it."""

    number: int
    at: datetime
    icon: str
    actor: User | None
    sentence: SafeString
    reason: str
    facts: list[Fact] = field(default_factory=list)


def log_lines(standing: Standing, entries: Sequence[AuditEntry]) -> list[LogLine]:
    """The entries in words, in a number of queries that does not grow (at most seven)."""
    names = _Names(standing, entries)
    return [_line(entry, names) for entry in entries]


def _line(entry: AuditEntry, names: "_Names") -> LogLine:
    is_hidden = names.hides(entry)
    words = words_of(entry)
    return LogLine(
        entry.number,
        entry.at,
        ICONS.get(entry.action, "history"),
        entry.actor,
        _sentence(entry, names, is_hidden=is_hidden),
        str(words.get("reason", "")),
        [] if is_hidden else _facts(entry, words, names),
    )


def _sentence(entry: AuditEntry, names: "_Names", *, is_hidden: bool) -> SafeString:
    """Names are marked, and whatever is in them is text."""
    thing = _("a place you cannot see") if is_hidden else str(entry.facts.get("name", ""))
    target = names.person(entry.target_id) if entry.target_kind == "user" else ""
    said = {"actor": _called(entry.actor), "target": target, "name": thing}
    marked = {key: format_html('<bdi class="log__name">{}</bdi>', name) for key, name in said.items()}
    return mark_safe(str(conditional_escape(str(SENTENCES.get(entry.action, UNKNOWN)))) % marked)  # noqa: S308 -- escaped


def _called(person: User | None) -> str:
    if person is None:
        return _("The system")
    return _("Deleted user") if person.deleted_at else person.name


def _facts(entry: AuditEntry, words: dict[str, Any], names: "_Names") -> list[Fact]:
    facts = entry.facts
    if entry.action == "group.nickname.changed":
        return [_changed("nickname", words.get("before"), words.get("after"), names)] if "after" in words else []
    if entry.action == "group.override.changed":
        return _override(facts, names)
    if entry.action == "group.role.moved":
        return [_changed("position", facts.get("old"), facts.get("new"), names)]
    if entry.action == "group.category.renamed":
        return [_changed("name", facts.get("before"), facts.get("name"), names)]
    pairs: dict[str, list[Any]] = facts.get("changes") or {
        name: [facts["old"].get(name), value] for name, value in facts.get("new", {}).items() if "old" in facts
    }
    changed = [_changed(name, old, new, names) for name, (old, new) in pairs.items() if name in FIELDS]
    # The sentence has the name already.
    others = [name for name in FIELDS if name in facts and name not in {"name", "role", "member"}]
    return changed + [Fact(FIELDS[name], names.say(name, facts[name])) for name in others if facts[name] is not None]


def _changed(name: str, old: Any, new: Any, names: "_Names") -> Fact:
    if name in BITS:
        return Fact(FIELDS[name], _bits_changed(int(old or 0), int(new or 0)))
    return Fact(FIELDS[name], names.say(name, new), names.say(name, old))


def _bits_changed(old: int, new: int) -> str:
    parts = [f"{sign} {_rights(bits)}" for sign, bits in (("+", new & ~old), ("−", old & ~new)) if bits]
    return " · ".join(parts)


def _override(facts: dict[str, Any], names: "_Names") -> list[Fact]:
    """For whom, and what is allowed and denied there now."""
    whom = [Fact(FIELDS[kind], names.say(kind, facts[kind])) for kind in ("role", "member") if facts.get(kind)]
    old = dict(zip(("allow", "deny"), facts.get("before", (0, 0)), strict=False))
    return whom + [
        Fact(FIELDS[name], names.say(name, facts[name]), names.say(name, old.get(name, 0)))
        for name in ("allow", "deny")
        if facts.get(name) != old.get(name)
    ]


def _rights(bits: int) -> str:
    """In the order of the bits; those this version does not know are left out."""
    return ", ".join(str(name_of(right)) for right in Right if bits & right & ALL) or _("nothing")


class _Names:
    """What ids in the entries are called, and which places the reader sees: read once for a page."""

    def __init__(self, standing: Standing, entries: Iterable[AuditEntry]) -> None:
        self.entries = list(entries)
        self.sees_all = standing.is_owner or standing.can(Right.ADMINISTRATOR)
        self.seen = set() if self.sees_all or not self._keys(*PLACES) else _seen_places(standing)
        members = Member.objects.select_related("user").in_bulk(self._keys("member"))
        roles = Role.objects.filter(group=standing.group).in_bulk(self._keys("role"))
        people = User.objects.in_bulk({entry.target_id for entry in self.entries if entry.target_kind == "user"})
        self.people = {key: _called(person) for key, person in people.items()}
        self.members = {str(key): _called(member.user) for key, member in members.items()}
        self.roles = {str(key): role.name for key, role in roles.items()}

    def _keys(self, *names: str) -> set[UUID]:
        return {UUID(entry.facts[name]) for entry in self.entries for name in names if entry.facts.get(name)}

    def hides(self, entry: AuditEntry) -> bool:
        """Is the entry about a place that the reader does not see?"""
        keys = {entry.facts[name] for name in PLACES if entry.facts.get(name)}
        return not self.sees_all and bool(keys - self.seen)

    def person(self, key: UUID | None) -> str:
        return self.people.get(key, _("Deleted user")) if key else ""

    def say(self, name: str, value: Any) -> str:
        """The value of a fact as people read it."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        known: dict[str, Callable[[Any], str]] = {
            "hue": lambda hue: str(HUES[hue]),
            "kind": lambda kind: str(Channel.Kind(kind).label) if kind in Channel.Kind.values else str(kind),
            "role": lambda key: self.roles.get(str(key), _("a role that is gone")),
            "member": lambda key: self.members.get(str(key), _("somebody who is gone")),
            "purge": lambda _seconds: _("yes"),
        }
        known |= dict.fromkeys(BITS, lambda bits: _rights(int(bits))) | dict.fromkeys(MOMENTS, _moment)
        return known.get(name, str)(value)


def _moment(text: Any) -> str:
    moment = parse_datetime(str(text))
    return date_and_time(moment) if moment else str(text)


def _seen_places(standing: Standing) -> set[str]:
    sections = sections_of(reader_of(standing))
    seen = {str(line.channel.pk) for section in sections for line in section.lines}
    return seen | {str(section.category.pk) for section in sections if section.category and section.is_open}
