"""Rights that change: a join of a group with 50 channels, and @everyone's in a group of ten thousand, beside sends and reads."""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from bench import machine
from bench.client import Wire
from bench.figures import Effort, figure
from bench.load import Seat, close_all, connect_all, open_place, quiet_collector, text_of
from bench.pages import PageConnection
from bench.people import cookies_of, make_people, tidy
from bench.product import Product
from bench.report import Row
from bench.stats import percentile
from chat.actions.channel import open_channel
from chatter.ops.dbcheck import INVARIANTS, check
from groups.access import Scope, change_access, sync_access
from groups.actions.group import create_group
from groups.actions.members import admit_member, part_member
from groups.models import Channel, Group, Member, Role
from groups.permissions import Right, lock_group

MEMBERS, FEW_MEMBERS, CHANNELS, JOINS = 10_000, 1_000, 50, 30
TALKERS, SENDS_A_SECOND, PATIENCE = 10, 50, 300.0


@dataclass
class Beside:
    """What went on meanwhile: how long each send and each page took."""

    sends: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    problem: str = ""

    def rows(self, seconds: float, notes: dict[str, Any]) -> list[Row]:
        sends, pages = (percentile(times or [0.0], 99) * 1000 for times in (self.sends, self.pages))
        title = f"@everyone's rights anew: {MEMBERS:,} members × {CHANNELS} channels"
        return [
            Row("access-wide", title, seconds, "s", 40, True, self.problem, notes),
            Row("access-sends", "sends meanwhile, p99", sends, "ms", 100, True, self.problem, {"n": len(self.sends)}),
            Row("access-reads", "channel pages meanwhile, p99", pages, "ms", 100, True, "", {"n": len(self.pages)}),
        ]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which page."""

    url: str
    path: str
    cookie: str


@figure("access-join")
async def access_join(product: Product, effort: Effort) -> list[Row]:
    """One person more, in one transaction, as an invitation lets them in."""
    return [await asyncio.to_thread(_joins)]


def _joins() -> Row:
    group, people = _community(FEW_MEMBERS), make_people(JOINS)
    times = [_seconds_to_join(group, person) for person in people]
    for person in people:
        _part(group, person)
    p50, p95 = (percentile(times, q) * 1000 for q in (50, 95))
    return Row(
        "access-join",
        f"joining a group of {CHANNELS} channels, p95",
        p95,
        "ms",
        50,
        True,
        "",
        {"p50_ms": round(p50, 1)},
    )


def _seconds_to_join(group: Group, person: User) -> float:
    began = time.perf_counter()
    with transaction.atomic():
        admit_member(lock_group(group.pk), person)
    return time.perf_counter() - began


def _part(group: Group, person: User) -> None:
    with transaction.atomic():
        part_member(lock_group(group.pk), Member.objects.get(group=group, user=person))


@figure("access-wide")
async def access_wide(product: Product, effort: Effort) -> list[Row]:
    """A right is taken from everybody, then given back: the slower of the two counts."""
    product.restart()
    members = MEMBERS if effort.messages >= 1_000_000 else FEW_MEMBERS
    group = await asyncio.to_thread(_community, members)
    seats, reader = await _seated(product, group)
    worker = machine.spawn(["manage.py", "worker"], product.environment, product.folder / "worker.log")
    beside, seconds = Beside(), []
    notes: dict[str, Any] = {"members": members}
    try:
        for name, gives in (("loss", False), ("gain", True)):
            await asyncio.to_thread(_change, group, gives=gives)
            began, before = time.perf_counter(), _used(product, worker)
            await _until_done(beside, seats, reader)
            seconds.append(time.perf_counter() - began)
            notes[f"{name}_s"] = round(seconds[-1], 1)
            after = _used(product, worker)
            notes[f"{name}_processor_s"] = {key: round(after[key] - before[key], 1) for key in after}
    finally:
        machine.end(worker)
        await close_all([seat.connection for seat in seats])
    beside.problem = beside.problem or await asyncio.to_thread(_drift)
    return beside.rows(max(seconds), notes)


def _used(product: Product, worker: subprocess.Popen[bytes]) -> dict[str, float]:
    """Seconds of processor time so far: steadier than the clock on a busy machine."""
    return {**product.processor_seconds(), "worker": machine.processor_seconds(worker.pid)}


def _community(members: int) -> Group:
    """A group with CHANNELS channels and so many members, a few of them with roles."""
    people = make_people(members)
    group = create_group(owner=people[0], name="Large")
    Member.objects.bulk_create([Member(group=group, user=person) for person in people[1:]], batch_size=1000)
    Group.objects.filter(pk=group.pk).update(member_count=members)
    for number in range(CHANNELS - group.channels.count()):
        talk = open_channel(parent=group.pk, title=f"channel-{number}")
        Channel.objects.create(group=group, conversation=talk, position=number)
    sync_access(Scope(group=group.pk))
    tidy()
    return group


def _change(group: Group, *, gives: bool) -> None:
    with transaction.atomic():
        lock_group(group.pk)
        everyone = Role.objects.get(group=group, is_everyone=True)
        react = int(Right.REACT)
        everyone.permissions = everyone.permissions | react if gives else everyone.permissions & ~react
        everyone.save(update_fields=["permissions"])
        change_access(Scope(group=group.pk))


def _drift() -> str:
    """What breaks the invariants of groups, or nothing."""
    broken = [check(invariant) for invariant in INVARIANTS if "derive" in invariant.name]
    return ", ".join(finding.name for finding in broken if finding.broken)


async def _seated(product: Product, group: Group) -> tuple[list[Seat], Reader]:
    """Members with a channel open each, and one who reads pages: the path and the cookie."""
    people = await asyncio.to_thread(lambda: list(User.objects.filter(group_members__group=group)[: TALKERS + 1]))
    channels = await asyncio.to_thread(
        lambda: list(group.channels.filter(conversation__title__startswith="channel").order_by("position")[:TALKERS])
    )
    cookies = await asyncio.to_thread(cookies_of, people)
    connections = await connect_all(product.ws_url, cookies[:TALKERS])
    seats = [Seat(one, str(channel.conversation_id)) for one, channel in zip(connections, channels, strict=True)]
    await asyncio.gather(*(open_place(seat.connection, seat.place) for seat in seats))
    return seats, Reader(product.url, f"/c/{channels[0].conversation_id}/", cookies[-1])


async def _until_done(beside: Beside, seats: Sequence[Seat], reader: Reader) -> None:
    """Talk at a steady pace and read pages until the worker has done what was asked."""
    stop = asyncio.Event()
    reading = asyncio.create_task(_read(beside, reader, stop))
    began, number = time.perf_counter(), 0
    with quiet_collector():
        while not await _is_done(number):
            seat = seats[number % len(seats)]
            seat.connection.send_message(_noted(beside, time.perf_counter()), seat.place, text_of(number))
            number += 1
            if time.perf_counter() - began > PATIENCE:
                beside.problem = "not done in time"
                break
            await asyncio.sleep(max(0.0, began + number / SENDS_A_SECOND - time.perf_counter()))
    stop.set()
    await reading


def _noted(beside: Beside, began: float) -> Any:
    def heard(reply: Wire) -> None:
        beside.sends.append(time.perf_counter() - began)
        if "ok" not in reply:
            beside.problem = str(reply["error"])

    return heard


async def _is_done(number: int) -> bool:
    """Asked once a second."""
    if number % SENDS_A_SECOND:
        return False
    waiting = DBTaskResult.objects.filter(queue_name="access", status__in=["READY", "RUNNING"])
    return not await asyncio.to_thread(waiting.exists)


async def _read(beside: Beside, reader: Reader, stop: asyncio.Event) -> None:
    """Five pages a second."""
    connection = await PageConnection.open(reader.url)
    while not stop.is_set():
        began = time.perf_counter()
        answer = await connection.ask("GET", reader.path, cookie=reader.cookie)
        beside.pages.append(time.perf_counter() - began)
        if answer.status != 200:
            beside.problem = f"the page answered {answer.status}"
        await asyncio.sleep(0.2)
    await connection.close()
