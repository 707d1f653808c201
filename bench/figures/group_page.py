"""Opening a large group: its channels, who is in it, and fifty messages."""

import time

from django.db import connection, transaction

from accounts.models import User
from bench.figures import Effort, figure
from bench.pages import PageConnection
from bench.people import cookies_of, make_people, tidy
from bench.product import Product
from bench.report import Row, cost
from bench.stats import percentile
from chat.models import Conversation
from chatter.core.presence_stores import ValkeyStore, key_of, shared_store
from chatter.ops.seed_large import fill
from groups.access import Scope, sync_access
from groups.actions.group import create_group
from groups.models import Category, Channel, Group, Member, MemberRole, Role

CHANNELS, ROLES, ONLINE = 100, 20, 1_000
READINGS, WARM = 60, 10

# All rows at once, as `sync_access` makes them a chunk at a time.
_ROWS = """
insert into chat_membership (id, conversation_id, user_id, role, permissions, overrides, joined_at, history_from,
                             last_read_number, last_delivered_number, draft, nickname, hue)
select gen_random_uuid(), w.conversation_id, w.user_id, 'member', w.permissions, '{}', clock_timestamp(), 1, 0, 0, '', w.nickname, w.hue
  from groups_derive(%(group)s, array(select user_id from groups_member where group_id = %(group)s),
                     array(select id from groups_channel where group_id = %(group)s)) w
on conflict do nothing
"""
_COUNT = "update chat_conversation set member_count = %s where parent = %s"


@figure("group")
async def group(product: Product, effort: Effort) -> list[Row]:
    """One member of ten thousand opens one of a hundred channels; a thousand are online."""
    product.restart()
    people = make_people(10_000 if effort.messages >= 1_000_000 else 500)
    made = _group_of(people)
    place = Conversation.objects.filter(parent=made.pk).order_by("pk")[0]
    list(fill(place, 200))
    _go_online(people[1 : ONLINE + 1])
    tidy()
    connected = await PageConnection.open(product.url)
    cookie, path = cookies_of(people[1:2])[0], f"/c/{place.pk}/"
    times: list[float] = []
    for reading in range(READINGS):
        if reading == WARM:
            before = product.processor_seconds()
        began = time.perf_counter()
        answer = await connected.ask("GET", path, cookie=cookie)
        times.append(time.perf_counter() - began)
    spent = cost(before, product.processor_seconds(), READINGS - WARM)
    await connected.close()
    channels, shown = answer.body.count(b"place--channel"), answer.body.count(b'class="person')
    problem = (
        ""
        if answer.status == 200 and channels >= CHANNELS and shown >= 100
        else f"{answer.status}, {channels}, {shown}"
    )
    notes = {
        "first_ms": round(times[0] * 1000, 1),
        "p95_ms": round(percentile(times[WARM:], 95) * 1000, 1),
        "cpu_us": spent,
    }
    title = f"opening a group of {CHANNELS} channels and {len(people):,} members (p50)"
    return [Row("group", title, percentile(times[WARM:], 50) * 1000, "ms", 100, True, problem, notes)]


def _group_of(people: list[User]) -> Group:
    """A group of all of them, with categories, channels and roles that stand apart."""
    made = create_group(owner=people[0], name="Everybody")
    Member.objects.bulk_create((Member(group=made, user=person) for person in people[1:]), batch_size=1000)
    Group.objects.filter(pk=made.pk).update(member_count=len(people))
    members = list(Member.objects.filter(group=made))
    for position in range(1, ROLES + 1):
        role = Role.objects.create(
            group=made, name=f"Role {position}", position=position, hue=position % 12, is_shown_apart=True
        )
        held = members[position :: ROLES * 5]
        MemberRole.objects.bulk_create(MemberRole(member=member, role=role) for member in held)
    categories = [
        Category.objects.create(group=made, name=f"Category {number}", position=number) for number in range(10)
    ]
    while (number := Channel.objects.filter(group=made).count()) < CHANNELS:
        place = Conversation.objects.create(kind=Conversation.Kind.CHANNEL, parent=made.pk, title=f"channel-{number}")
        Channel.objects.create(group=made, category=categories[number % 10], conversation=place, position=number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(_ROWS, {"group": made.pk})
        cursor.execute(_COUNT, [len(people), made.pk])
    assert sync_access(Scope(group=made.pk, users=(people[1].pk,))) == []
    return made


def _go_online(people: list[User]) -> None:
    """As their sockets would say it, for the time of the measurement."""
    store = shared_store()
    assert isinstance(store, ValkeyStore)
    until = int(time.time()) + 3600
    with store.sync_client.pipeline(transaction=False) as pipeline:
        for person in people:
            pipeline.set(key_of("said", person.pk), "online", ex=3600)
            pipeline.zadd(store.alive, {str(person.pk): until})
        pipeline.execute()
