"""The order of categories and channels: named or moved by one, by two at once, and what is not named."""

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection

from accounts.models import AuditEntry
from chatter.core.errors import NotFound, Refused
from groups.access import Scope, sync_access
from groups.actions.categories import create_category, delete_category
from groups.actions.channels import create_channel
from groups.actions.group import create_group
from groups.actions.ordering import merged, order_of, order_places, place_channel, shift_place
from groups.models import Category, Channel
from groups.permissions import standing_in
from groups.places import reader_of, sections_of
from tests.cast import Cast
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Talk: general, announcements · Work: a, b, c · Play: d"""
    atlas = make_community(cast)
    for title, names in (("Work", "abc"), ("Play", "d")):
        category = create_category(actor=cast.alice, group_id=atlas.group.pk, name=title)
        for name in names:
            create_channel(actor=cast.alice, group_id=atlas.group.pk, name=name, category_id=category.pk)
    return atlas


def order(cast: Cast, atlas: Community) -> list[tuple[UUID | None, list[UUID]]]:
    return order_of(sections_of(reader_of(standing_in(atlas.group, cast.alice))))


def shown(cast: Cast, atlas: Community) -> str:
    """The order in words: "/ Talk general announcements / Work a b c"."""
    sections = sections_of(reader_of(standing_in(atlas.group, cast.alice)))
    return " / ".join(
        " ".join(
            [section.category.name if section.category else "", *(str(x.channel.conversation) for x in section.lines)]
        )
        for section in sections
    )


def channel(atlas: Community, name: str) -> Channel:
    return Channel.objects.get(group=atlas.group, conversation__title=name)


def category(atlas: Community, name: str) -> Category:
    return Category.objects.get(group=atlas.group, name=name)


def test_channels_and_categories_stand_as_they_are_put(cast: Cast, atlas: Community) -> None:
    top, talk, work, play = order(cast, atlas)
    a, b, c = work[1]
    wanted = [(None, [c]), (play[0], [*play[1], a]), (work[0], [b]), talk]
    order_places(actor=cast.alice, group_id=atlas.group.pk, order=wanted)
    assert shown(cast, atlas) == " c / Play d a / Work b / Talk general announcements"
    count = AuditEntry.objects.count()
    order_places(actor=cast.alice, group_id=atlas.group.pk, order=wanted)
    assert AuditEntry.objects.count() == count
    assert sync_access(Scope(group=atlas.group.pk)) == []
    assert top == (None, [])


def test_what_is_not_named_stays_behind_what_it_stood_behind(cast: Cast, atlas: Community) -> None:
    _top, _talk, work, play = order(cast, atlas)
    a, _b, c = work[1]
    order_places(actor=cast.alice, group_id=atlas.group.pk, order=[(work[0], [c, a])])
    assert shown(cast, atlas) == "Talk general announcements / Work c a b / Play d"
    order_places(actor=cast.alice, group_id=atlas.group.pk, order=[(play[0], [a])])
    assert shown(cast, atlas) == "Talk general announcements / Work c b / Play d a"
    order_places(actor=cast.alice, group_id=atlas.group.pk, order=[])


@pytest.mark.parametrize(
    ("held", "wanted", "elsewhere", "found"),
    [
        ("abc", "", "", "abc"),
        ("abc", "cba", "", "cba"),
        ("abc", "ca", "", "cab"),
        ("abcd", "db", "", "adbc"),
        ("abc", "xc", "", "abxc"),
        ("abc", "c", "a", "bc"),
        ("", "x", "", "x"),
        ("ab", "", "ab", ""),
    ],
)
def test_orders_are_merged(held: str, wanted: str, elsewhere: str, found: str) -> None:
    named = set(elsewhere) | set(wanted)
    assert merged(list(held), list(wanted), named) == list(found)  # type: ignore[arg-type]


def test_the_unknown_the_doubled_and_what_is_of_others_are_refused(cast: Cast, atlas: Community) -> None:
    before = shown(cast, atlas)
    other = create_group(owner=cast.alice, name="Elsewhere")
    theirs, place = other.channels.first(), other.categories.get().pk
    assert theirs is not None
    a, work = channel(atlas, "a").pk, category(atlas, "Work").pk
    for wanted, error in (
        ([(None, [uuid4()])], NotFound),
        ([(uuid4(), [])], NotFound),
        ([(work, [theirs.pk])], NotFound),
        ([(place, [a])], NotFound),
        ([(work, [a, a])], Refused),
        ([(work, [a]), (None, [a])], Refused),
        ([(work, []), (work, [a])], Refused),
    ):
        with pytest.raises(error):
            order_places(actor=cast.alice, group_id=atlas.group.pk, order=wanted)
    for person, refusal in ((cast.bob, Refused), (cast.mod, Refused), (cast.charlie, NotFound)):
        with pytest.raises(refusal):
            order_places(actor=person, group_id=atlas.group.pk, order=[])
        with pytest.raises(refusal):
            shift_place(actor=person, group_id=atlas.group.pk, kind="channel", place_id=a, by=1)
    assert shown(cast, atlas) == before


def test_one_place_up_or_down(cast: Cast, atlas: Community) -> None:
    def shift(name: str, by: int, kind: str = "channel") -> str:
        place = channel(atlas, name) if kind == "channel" else category(atlas, name)
        shift_place(actor=cast.alice, group_id=atlas.group.pk, kind=kind, place_id=place.pk, by=by)
        return shown(cast, atlas)

    assert shift("b", -1) == "Talk general announcements / Work b a c / Play d"
    assert shift("b", -1) == "Talk general announcements b / Work a c / Play d"
    assert shift("b", 1) == "Talk general announcements / Work b a c / Play d"
    assert shift("general", -1) == " general / Talk announcements / Work b a c / Play d"
    assert shift("general", -1) == " general / Talk announcements / Work b a c / Play d"
    assert shift("d", 1) == " general / Talk announcements / Work b a c / Play d"
    assert shift("Play", -1, "category") == " general / Talk announcements / Play d / Work b a c"
    assert shift("Work", 1, "category") == " general / Talk announcements / Play d / Work b a c"
    with pytest.raises(NotFound):
        shift_place(actor=cast.alice, group_id=atlas.group.pk, kind="channel", place_id=uuid4(), by=1)
    with pytest.raises(NotFound):
        shift_place(actor=cast.alice, group_id=atlas.group.pk, kind="category", place_id=uuid4(), by=1)


def test_into_a_category_and_out_of_it_when_it_is_deleted(cast: Cast, atlas: Community) -> None:
    place_channel(
        actor=cast.alice,
        group_id=atlas.group.pk,
        channel_id=channel(atlas, "a").pk,
        category_id=category(atlas, "Play").pk,
    )
    assert shown(cast, atlas) == "Talk general announcements / Work b c / Play d a"
    delete_category(actor=cast.alice, group_id=atlas.group.pk, category_id=category(atlas, "Play").pk)
    assert sorted(shown(cast, atlas).split(" / ")[0].split()) == ["a", "d"]
    assert channel(atlas, "a").is_synced


@pytest.mark.django_db(transaction=True)
def test_two_order_at_once_and_nothing_is_lost(cast: Cast, atlas: Community) -> None:
    top, talk, work, play = order(cast, atlas)
    errors: list[Exception] = []

    def put(wanted: list[tuple[UUID | None, list[UUID]]], name: str) -> None:
        try:
            for _time in range(3):
                order_places(actor=cast.alice, group_id=atlas.group.pk, order=wanted)
            create_channel(actor=cast.alice, group_id=atlas.group.pk, name=name, category_id=work[0])
        except Exception as error:  # noqa: BLE001 -- whatever it was
            errors.append(error)
        finally:
            connection.close()

    one = [top, (work[0], [*work[1], *play[1]]), (play[0], list(talk[1])), (talk[0], [])]
    two = [(None, work[1]), (talk[0], [*talk[1], *play[1]]), (play[0], []), (work[0], [])]
    threads = [threading.Thread(target=put, args=args) for args in ((one, "x"), (two, "y"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    alive = Channel.objects.alive().filter(group=atlas.group)
    assert sorted(alive.values_list("conversation__title", flat=True)) == [
        *("a", "announcements", "b", "c", "d", "general", "x", "y")
    ]
    positions = list(alive.values_list("position", flat=True))
    assert len(set(positions)) == len(positions)
    # What stands is wholly one of the two wishes; what was made besides is there, too.
    without = [
        (where, [key for key in keys if key in {k for _w, ks in one for k in ks}]) for where, keys in order(cast, atlas)
    ]
    assert [(where, keys) for where, keys in without if keys] in (
        [(where, keys) for where, keys in one if keys],
        [(where, keys) for where, keys in two if keys],
    )
    assert sync_access(Scope(group=atlas.group.pk)) == []
