"""Forums and posts as search finds them from anywhere (Ctrl+K): by their names and titles, as far as the person may read them."""

from typing import NamedTuple
from uuid import UUID

from django.db.models.functions import Length
from django.template.loader import get_template

from accounts.models import User
from accounts.models.user import hue_of, initials_of
from chat import finding
from chatter.core.addresses import address
from chatter.core.errors import Refused
from forums.models import Forum
from forums.permissions import visible_forums
from forums.reading.highlight import wanted
from forums.reading.search import FoundTitle, find_titles


class FoundForum(NamedTuple):
    """A forum, as the tag of icons wants it."""

    pk: UUID
    slug: str
    name: str
    icon: str
    member_count: int

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    def icon_url(self, size: int) -> str:
        return address("forum_icon", self.icon, size) if self.icon else ""


def register() -> None:
    finding.register(lines_called)


def lines_called(person: User, words: str, limit: int) -> list[str]:
    """At most `limit` lines, forums before posts, the closest names first (two queries)."""
    template = get_template("forums/_found.html")
    found: list[dict[str, object]] = [{"forum": forum} for forum in _forums(person, words, limit)]
    found += [{"post": post} for post in _posts(person, words)]
    return [template.render(line) for line in found[:limit]]


def _forums(person: User, words: str, limit: int) -> list[FoundForum]:
    called: list[Forum] = list(
        visible_forums(person).filter(name__icontains=words).order_by(Length("name"), "pk")[:limit]
    )
    return [FoundForum(each.pk, each.slug, each.name, each.icon, each.member_count) for each in called]


def _posts(person: User, words: str) -> list[FoundTitle]:
    looked_for = wanted(words)
    try:
        return find_titles(person, looked_for) if looked_for else []
    except Refused:
        # Too common: the other finds are shown all the same.
        return []
