"""What people can report: each application registers its kinds of things (people here; posts, comments and forums in forums).

A kind says who sees such a thing, what a report of it keeps, which rules it may break, and whose it is to decide: the site's staff
always, and those who moderate its `place`. Who reported is told to nobody but them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import visible_people
from chatter.core.errors import NotFound

type Words = str | Promise


class Rule(NamedTuple):
    """A rule of the place that a thing may break."""

    key: UUID
    title: str


@dataclass(frozen=True)
class Thing:
    """What is reported. `name` is for people, `about` who wrote or is it, `place` whose moderators decide besides the staff (None:
    nobody), `snapshot` what others could see of it then."""

    name: str
    url: str
    about: User
    place: UUID | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    rules: Sequence[Rule] = ()


class Link(NamedTuple):
    """How the administration names a thing: "" as address where there is none."""

    name: str
    url: str


@dataclass(frozen=True)
class Kind:
    """`see` reads the thing with the rights of the one who reports and raises NotFound. For the staff, who see all that was
    reported, `rows` are what `name` says without another query."""

    key: str
    model: type[Model]
    label: Words
    see: Callable[[User, UUID], Thing]
    rows: Callable[[], QuerySet[Any]]
    name: Callable[[Any], Link]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.key] = kind


def kind_named(key: str) -> Kind:
    """Raises NotFound."""
    if key not in KINDS:
        raise NotFound
    return KINDS[key]


def _see_person(viewer: User, key: UUID) -> Thing:
    person = visible_people(viewer).filter(pk=key).first()
    if person is None:
        raise NotFound
    return Thing(name=person.name, url=person.get_absolute_url(), about=person, snapshot=person_snapshot(person))


def person_snapshot(person: User) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ("username", "display_name", "bio", "status_text", "avatar")}


def _name_person(person: User) -> Link:
    return Link(str(person), reverse("admin:accounts_user_change", args=[person.pk]))


register(Kind("person", User, _("Person"), _see_person, User.objects.all, _name_person))
