"""Statistics: counted days equal a slow count, a missed day is made up for, and the page says what its reader may know."""

import random
import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.days import RANGES
from accounts.models import ScheduledJob, User
from chat.actions.change import delete_message
from chat.models import Conversation, Message
from chatter.ops.schedule import jobs
from groups.access import Scope, sync_access
from groups.actions.channels import make_channel
from groups.actions.counting import JOB, count_day, count_days
from groups.actions.members import part_member
from groups.models import Channel, ChannelDay, GroupDay, Override
from groups.permissions import Right
from groups.statistics import statistics_of
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)

_SAY = """
insert into chat_message (id, conversation_id, sender_id, kind, number, content, html, metadata, created_at)
select uuidv7(at - clock_timestamp()), place, sender, kind, number, 'x', 'x', '{}', at
  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[]) t(place, sender, kind, at, number)
"""


class Past:
    """What was said in the past: rows as the database would hold them."""

    def __init__(self) -> None:
        self.rows: list[tuple[UUID, UUID | None, str, datetime]] = []
        self.numbers: dict[UUID, int] = defaultdict(int)

    def said(self, place: Conversation, sender: User | None, at: datetime, kind: str = "text") -> None:
        self.rows.append((place.pk, sender.pk if sender else None, kind, at))

    def write(self) -> None:
        numbered = []
        for place, *rest in self.rows:
            self.numbers[place] += 1
            numbered.append((place, *rest, 1000 + self.numbers[place]))
        with connection.cursor() as cursor:
            cursor.execute(_SAY, [list(column) for column in zip(*numbered, strict=True)])
        self.rows = []


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def slow_days() -> dict[tuple[UUID, date], tuple[int, int]]:
    """(group or channel, day) → (messages, people): one message after the other."""
    said: dict[tuple[UUID, date], list[UUID | None]] = defaultdict(list)
    for message in Message.objects.exclude(kind="system").filter(conversation__kind="channel"):
        channel = Channel.objects.get(conversation=message.conversation_id)
        for key in (channel.pk, channel.group_id):
            said[key, message.created_at.astimezone(UTC).date()].append(message.sender_id)
    return {key: (len(senders), len(set(senders))) for key, senders in said.items()}


def counted_days() -> dict[tuple[UUID, date], tuple[int, int]]:
    rows = [(row.group_id, row) for row in GroupDay.objects.all()] + [
        (row.channel_id, row) for row in ChannelDay.objects.all()
    ]
    return {(key, row.day): (row.messages, row.active) for key, row in rows if row.messages}


def test_counted_days_equal_a_slow_count(cast: Cast, atlas: Community) -> None:
    chance, past, other = random.Random(4), Past(), make_community(cast)
    people = [cast.alice, cast.bob, cast.mod, cast.mallory]
    for _message in range(150):
        place = chance.choice([atlas.general, atlas.announcements, other.general]).conversation
        day = TODAY - timedelta(days=chance.randrange(6))
        past.said(place, chance.choice(people), at(day, chance.choice([0, 12, 23]), chance.choice([0, 59])))
    past.said(atlas.talk, None, at(TODAY), "system")
    past.said(cast.lobby, cast.bob, at(TODAY))
    past.write()
    count_days(TODAY)
    assert counted_days() == slow_days()
    assert count_days(TODAY) == 0, "the same again changes nothing"


def test_a_message_counts_where_and_when_it_was_said_also_once_it_is_deleted(cast: Cast, atlas: Community) -> None:
    today = datetime.now(UTC).date()
    sent = say(cast.bob, atlas.talk)
    count_day(today)
    delete_message(actor=cast.bob, message_id=sent.id)
    assert count_day(today) == 0
    assert ChannelDay.objects.get(channel=atlas.general, day=today).messages == 1


def test_comings_and_goings_stay_when_days_are_counted(cast: Cast, atlas: Community) -> None:
    part_member(atlas.group, atlas.member(cast.bob))
    say(cast.alice, atlas.talk)
    count_days()
    row = GroupDay.objects.get(group=atlas.group)
    assert (row.joined, row.left, row.messages, row.active) == (4, 1, 1, 1)


def test_days_on_which_the_clock_stood_still_are_made_up_for(cast: Cast, atlas: Community) -> None:
    past = Past()
    for back in range(10):
        past.said(atlas.talk, cast.bob, at(TODAY - timedelta(days=back)))
    past.write()
    ScheduledJob.objects.create(name=JOB, due_at=at(TODAY), finished_at=at(TODAY - timedelta(days=4), 9))
    count_days(TODAY)
    # from the day before it last came
    assert sorted(ChannelDay.objects.values_list("day", flat=True)) == [
        TODAY - timedelta(days=back) for back in (5, 4, 3, 2, 1, 0)
    ]
    assert JOB in {job.name for job in jobs()}


def test_the_span_before_is_what_trends_compare_with(cast: Cast, atlas: Community) -> None:
    past = Past()
    for back, count in ((0, 2), (1, 4), (6, 1), (7, 5), (13, 5), (14, 9)):
        for _message in range(count):
            past.said(atlas.talk, cast.bob, at(TODAY - timedelta(days=back)))
    past.write()
    for back in range(1, 20):
        count_day(TODAY - timedelta(days=back))
    assert not statistics_of(atlas.group, cast.alice.pk, 30, today=TODAY).has_trends, "the group is younger"
    numbers = statistics_of(atlas.group, cast.alice.pk, 7, today=TODAY)
    assert [day.messages for day in numbers.days] == [1, 0, 0, 0, 0, 4, 2]
    assert (numbers.messages.value, numbers.messages.trend) == (7, -30)
    assert numbers.active.value == round(3 / 7, 1)
    assert numbers.channels == [("general", 7)]
    assert not GroupDay.objects.filter(day=TODAY, messages__gt=0).exists(), "today is counted as one looks"


@pytest.mark.parametrize("span", RANGES)
def test_every_day_of_the_span_is_there(cast: Cast, atlas: Community, span: int) -> None:
    numbers = statistics_of(atlas.group, cast.alice.pk, span, today=TODAY)
    assert [day.day for day in numbers.days] == [TODAY - timedelta(days=back) for back in range(span - 1, -1, -1)]
    assert numbers.messages == (0, None)


# --- the page -----------------------------------------------------------------------------------------------------------------------


def page(person: User, atlas: Community, query: str = "") -> tuple[int, str]:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/g/{atlas.group.pk}/settings/statistics/{query}")
    return answer.status_code, answer.content.decode()


def test_it_is_for_who_manages_the_group_or_reads_its_log(cast: Cast, atlas: Community) -> None:
    statuses = [page(person, atlas)[0] for person in (cast.alice, cast.mod, cast.bob, cast.charlie)]
    assert statuses == [200, 200, 403, 404]


def test_the_numbers_stand_in_tables(cast: Cast, atlas: Community) -> None:
    for _message in range(3):
        say(cast.bob, atlas.talk)
    html = page(cast.alice, atlas, "?days=7")[1]
    assert html.count("<chart-plot") == 4
    assert 'style="' not in html
    today = datetime.now(UTC).date().isoformat()
    row = re.search(rf'<time datetime="{today}">.*?</tr>', html, re.DOTALL)
    assert row
    assert '<td data-value="3">3</td>' in row[0]
    assert '<th scope="row" dir="auto"># general</th><td data-value="3">3</td>' in html


def test_channels_one_does_not_see_are_not_named(cast: Cast, atlas: Community) -> None:
    secret = make_channel(atlas.group, name="council")
    Override.objects.create(channel=secret, role=atlas.everyone, deny=int(Right.VIEW))
    Channel.objects.filter(pk=secret.pk).update(is_synced=False)
    sync_access(Scope(group=atlas.group.pk))
    say(cast.bob, atlas.talk)
    for _message in range(2):
        say(cast.alice, secret.conversation)
    count_days()
    seen = statistics_of(atlas.group, cast.alice.pk, 7)
    assert (seen.channels, seen.others) == ([("council", 2), ("general", 1)], 0)
    seen = statistics_of(atlas.group, cast.mod.pk, 7)
    assert (seen.channels, seen.others) == ([("general", 1)], 2)
    html = page(cast.mod, atlas)[1]
    assert "council" not in html
    assert '<th scope="row">Other channels</th><td data-value="2">2</td>' in html


@pytest.mark.parametrize("query", ["?days=0", "?days=-1", "?days=31", "?days=99999999999", "?days=x", "?days=%00"])
def test_other_spans_are_refused(cast: Cast, atlas: Community, query: str) -> None:
    assert page(cast.alice, atlas, query)[0] == 400


def test_a_group_where_nothing_happened_says_so(cast: Cast, atlas: Community) -> None:
    GroupDay.objects.update(joined=1)
    html = page(cast.alice, atlas)[1]
    assert "Nothing happened yet" in html
    assert "<chart-plot" not in html


def test_the_page_costs_the_same_however_much_was_said(
    cast: Cast, atlas: Community, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    past, today = Past(), datetime.now(UTC).date()
    people = [make_person() for _number in range(5)]
    for back in range(40):
        for person in people:
            past.said(atlas.talk, person, at(today - timedelta(days=back), 0))
    past.write()
    count_days()
    client = Client()
    client.force_login(cast.alice)
    client.get("/")
    with django_assert_max_num_queries(15):
        client.get(f"/g/{atlas.group.pk}/settings/statistics/?days=365")
