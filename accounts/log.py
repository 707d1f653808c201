"""What the audit log of a place says to one of its people: who did what, told in sentences, with what it changed. Applications bring
the words of their deeds and what their facts mean (groups/log.py, forums/log.py)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import words_of
from accounts.models import AuditEntry, User
from chatter.core.clock import date_and_time

type Words = str | Promise

UNKNOWN = gettext_lazy("%(actor)s did something this version has no words for")
MOMENTS = ("until", "since", "expires_at", "due")


class Kind(NamedTuple):
    """A part of a log that one may look at alone: what it is called, its icon, and the sentences of its actions. In them
    `%(actor)s` did it, `%(target)s` is a person, `%(name)s` a thing; each stands there as a name, never as markup."""

    label: Words
    icon: str
    words: dict[str, Words]


class Vocabulary:
    """The words of an application: sentences of deeds, and what facts are called. Facts without a name are not shown (ids)."""

    def __init__(self, kinds: Mapping[str, Kind], fields: Mapping[str, Words]) -> None:
        self.kinds = kinds
        self.fields = fields
        self.sentences = {action: words for kind in kinds.values() for action, words in kind.words.items()}
        self.icons = {action: kind.icon for kind in kinds.values() for action in kind.words}


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


class LogReader:
    """Entries in words, for one reader. What ids in them are called is read once for all, when it is made."""

    vocabulary: Vocabulary
    # Facts that are sets of rights.
    bits: frozenset[str] = frozenset()

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        self.entries = list(entries)
        people = User.objects.in_bulk(set(self.people_in(self.entries)))
        self.people = {key: called(person) for key, person in people.items()}

    def people_in(self, entries: Iterable[AuditEntry]) -> Iterable[UUID]:
        """Whose names are needed besides those of the actors."""
        return (entry.target_id for entry in entries if entry.target_kind == "user" and entry.target_id)

    def hides(self, entry: AuditEntry) -> bool:
        """Is it about something that the reader does not see? Then neither name nor facts are told."""
        return False

    def hidden_name(self, entry: AuditEntry) -> str:
        return ""

    def thing(self, entry: AuditEntry) -> str:
        """What `%(name)s` is."""
        return str(entry.facts.get("name", ""))

    def reason(self, entry: AuditEntry, words: Mapping[str, Any]) -> str:
        return str(words.get("reason", ""))

    def rights(self, bits: int) -> str:
        return str(bits)

    def spoken(self) -> dict[str, Callable[[Any], str]]:
        """How values of some facts are said."""
        return {}

    def special(self, entry: AuditEntry, words: Mapping[str, Any]) -> list[Fact] | None:
        """The facts of actions that are told in their own way."""
        return None

    def lines(self) -> list[LogLine]:
        return [self._line(entry) for entry in self.entries]

    def _line(self, entry: AuditEntry) -> LogLine:
        is_hidden, words = self.hides(entry), words_of(entry)
        return LogLine(
            entry.number,
            entry.at,
            self.vocabulary.icons.get(entry.action, "history"),
            entry.actor,
            self._sentence(entry, is_hidden=is_hidden),
            self.reason(entry, words),
            [] if is_hidden else self._facts(entry, words),
        )

    def _sentence(self, entry: AuditEntry, *, is_hidden: bool) -> SafeString:
        """Names are marked, and whatever is in them is text."""
        target = self.person(entry.target_id) if entry.target_kind == "user" else ""
        thing = self.hidden_name(entry) if is_hidden else self.thing(entry)
        said = {"actor": called(entry.actor), "target": target, "name": thing}
        marked = {key: format_html('<bdi class="log__name">{}</bdi>', name) for key, name in said.items()}
        words = self.vocabulary.sentences.get(entry.action, UNKNOWN)
        return mark_safe(str(conditional_escape(str(words))) % marked)  # noqa: S308 -- escaped

    def _facts(self, entry: AuditEntry, words: Mapping[str, Any]) -> list[Fact]:
        special = self.special(entry, words)
        if special is not None:
            return special
        facts, fields = entry.facts, self.vocabulary.fields
        pairs: dict[str, list[Any]] = facts.get("changes") or {
            name: [facts["old"].get(name), value] for name, value in facts.get("new", {}).items() if "old" in facts
        }
        changes = [self.changed(name, old, new) for name, (old, new) in pairs.items() if name in fields]
        # The sentence has the name already.
        others = [name for name in fields if name in facts and name not in {"name", "role", "member"}]
        return changes + [Fact(fields[name], self.say(name, facts[name])) for name in others if facts[name] is not None]

    def changed(self, name: str, old: Any, new: Any) -> Fact:
        label = self.vocabulary.fields[name]
        if name in self.bits:
            return Fact(label, self._bits_changed(int(old or 0), int(new or 0)))
        return Fact(label, self.say(name, new), self.say(name, old))

    def _bits_changed(self, old: int, new: int) -> str:
        parts = [f"{sign} {self.rights(bits)}" for sign, bits in (("+", new & ~old), ("−", old & ~new)) if bits]
        return " · ".join(parts)

    def person(self, key: UUID | None) -> str:
        return self.people.get(key, _("Deleted user")) if key else ""

    def say(self, name: str, value: Any) -> str:
        """The value of a fact as people read it."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if name in self.bits:
            return self.rights(int(value))
        if name in MOMENTS:
            return _moment(value)
        return self.spoken().get(name, str)(value)


def called(person: User | None) -> str:
    if person is None:
        return _("The system")
    return _("Deleted user") if person.deleted_at else person.name


def _moment(text: Any) -> str:
    moment = parse_datetime(str(text))
    return date_and_time(moment) if moment else str(text)
