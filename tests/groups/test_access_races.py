"""Everything that decides about access at once: nobody waits for ever, and in the end every row is what it must be."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import connection, transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.background import RETRIES, claim, perform
from chat.models import Membership
from chatter.ops.dbcheck import find_violations
from groups import access
from groups.access import Scope, change_access, sync_access
from groups.actions.members import admit_member, part_member
from groups.models import Group, Member, MemberRole, Override, Role
from groups.permissions import IN_CHANNELS, Right, lock_group
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

ROUNDS = 25


@pytest.fixture
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything beyond one person or channel goes to the worker, a few rows at a time."""
    monkeypatch.setattr(access, "ROWS_AT_ONCE", 6)
    monkeypatch.setattr(access, "ROWS_PER_CHUNK", 3)


def broken() -> list[str]:
    return [finding.name for finding in find_violations() if finding.broken]


def work() -> int:
    """What is due in the queue, as a worker does it. Returns how many tasks."""
    done = 0
    while (row := claim("access", "worker")) is not None:
        assert perform(row), DBTaskResult.objects.get(pk=row.pk).traceback
        done += 1
    return done


class Crowd:
    """What each of several threads does, in its own order."""

    def __init__(self, atlas: Community, cast: Cast) -> None:
        self.atlas = atlas
        self.cast = cast
        self.people = [cast.charlie, *(make_person() for _number in range(3))]
        self.errors: list[BaseException] = []

    def change_everyone(self, chance: random.Random) -> None:
        bits = int(Right.VIEW) | chance.randrange(int(IN_CHANNELS)) & int(IN_CHANNELS)
        Role.objects.filter(pk=self.atlas.everyone.pk).update(permissions=bits)
        change_access(Scope(group=self.atlas.group.pk))

    def override(self, chance: random.Random) -> None:
        deny = chance.randrange(int(IN_CHANNELS)) & int(IN_CHANNELS)
        Override.objects.update_or_create(
            channel=self.atlas.general, role=self.atlas.moderators, defaults={"deny": deny}
        )
        change_access(Scope(group=self.atlas.group.pk, channels=(self.atlas.general.pk,)))

    def give_or_take(self, chance: random.Random) -> None:
        member = chance.choice(list(Member.objects.filter(group=self.atlas.group)))
        gone, _rows = MemberRole.objects.filter(member=member, role=self.atlas.moderators).delete()
        if not gone:
            MemberRole.objects.create(member=member, role=self.atlas.moderators)
        change_access(Scope(group=self.atlas.group.pk, users=(member.user_id,)))

    def come_or_go(self, chance: random.Random) -> None:
        group, person = Group.objects.get(pk=self.atlas.group.pk), chance.choice(self.people)
        member = Member.objects.filter(group=group, user=person).first()
        if member is None:
            admit_member(group, person)
        else:
            part_member(group, member)

    def act(self, seed: int, deeds: Sequence[Callable[[random.Random], None]]) -> None:
        chance = random.Random(seed)
        for _round in range(ROUNDS):
            with transaction.atomic():
                lock_group(self.atlas.group.pk)
                chance.choice(deeds)(chance)

    def talk(self) -> None:
        for number in range(ROUNDS):
            say(self.cast.alice, self.atlas.talk, f"{number}")

    def work(self) -> None:
        for _round in range(ROUNDS):
            work()

    def together(self, *deeds: Callable[[], None]) -> None:
        threads = [threading.Thread(target=self._run, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.errors == []

    def _run(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 -- told by the main thread
            self.errors.append(error)
        finally:
            connection.close()


@pytest.mark.usefixtures("_narrow")
def test_everything_at_once_ends_without_drift(atlas: Community, cast: Cast) -> None:
    """Two who administer, one who moderates the door, one who talks, and two workers."""
    crowd = Crowd(atlas, cast)
    administer = [crowd.change_everyone, crowd.override, crowd.give_or_take]
    crowd.together(
        lambda: crowd.act(1, administer),
        lambda: crowd.act(2, administer),
        lambda: crowd.act(3, [crowd.come_or_go, crowd.give_or_take]),
        crowd.talk,
        crowd.work,
        crowd.work,
    )
    work()
    assert broken() == []
    assert sync_access(Scope(group=atlas.group.pk)) == []


def silence(atlas: Community) -> None:
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(Right.VIEW))
        change_access(Scope(group=atlas.group.pk))


def silenced(atlas: Community) -> int:
    """How many rows may not react any more."""
    rows = Membership.objects.active().filter(conversation__channel__group=atlas.group)
    return sum(not row.permissions & Right.REACT for row in rows)


@pytest.mark.usefixtures("_narrow")
def test_a_wide_change_waits_for_the_worker_but_for_those_named_first(atlas: Community, cast: Cast) -> None:
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(Right.VIEW))
        change_access(Scope(group=atlas.group.pk), first=[cast.bob.pk])
    own = Membership.objects.filter(conversation__channel__group=atlas.group, user=cast.bob)
    assert {row.permissions for row in own} == {int(Right.VIEW)}
    assert silenced(atlas) == 2
    assert work() == 1
    assert silenced(atlas) == 6
    assert broken() == []


@pytest.mark.usefixtures("_narrow")
def test_the_same_change_twice_is_one_task_until_it_has_begun(atlas: Community) -> None:
    silence(atlas)
    silence(atlas)
    assert DBTaskResult.objects.filter(queue_name="access").count() == 1
    row = claim("access", "worker")
    assert row is not None
    silence(atlas)
    assert DBTaskResult.objects.filter(status=TaskResultStatus.READY, queue_name="access").count() == 1


@pytest.mark.usefixtures("_narrow")
def test_a_change_of_rights_is_not_given_up(atlas: Community, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lost them has them until it is done: whatever stands in its way may last."""
    silence(atlas)
    with monkeypatch.context() as patch:
        patch.setattr(access, "_lose", None)
        for _try in range(RETRIES + 2):
            row = claim("access", "worker")
            assert row is not None
            assert not perform(row)
            DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())
    assert work() == 1
    assert broken() == []


@pytest.mark.usefixtures("_narrow")
def test_a_task_that_begins_waits_for_the_change_that_counts_on_it(atlas: Community) -> None:
    """A second change finds the waiting task and enqueues none: no worker may begin it before that change is committed."""
    silence(atlas)
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Role.objects.filter(pk=atlas.everyone.pk).update(permissions=0)
        change_access(Scope(group=atlas.group.pk))
        found: list[object] = []

        def look() -> None:
            found.append(claim("access", "worker"))
            connection.close()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert found == [None]
    assert work() == 1
    assert broken() == []


class Crash(Exception):
    """The worker is killed."""


def dying(monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[None]:
    """Let the worker die after so many chunks."""
    real, count = access._apply, 0

    def apply(sql: str, chunk: access.Chunk) -> list[access.Change]:
        nonlocal count
        count += 1
        if count > after:
            raise Crash
        return real(sql, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(access, "_apply", apply)
        yield


@pytest.mark.usefixtures("_narrow")
@pytest.mark.parametrize("after", [0, 1])
def test_what_a_dead_worker_left_is_all_that_is_left(
    atlas: Community, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Committed chunks stay; the next worker changes the rest, and a third nothing."""
    silence(atlas)
    for _once in dying(monkeypatch, after):
        row = claim("access", "worker")
        assert row is not None
        with pytest.raises(Crash):
            row.task.call(*row.args_kwargs["args"])
    before = silenced(atlas)
    scope = Scope(group=atlas.group.pk)
    changes = sync_access(scope)
    assert {change.kind for change in changes} == {"changed"}
    assert before + len(changes) == silenced(atlas) == 6
    assert sync_access(scope) == []
    assert broken() == []


@pytest.mark.usefixtures("_narrow")
def test_losses_come_before_gains(atlas: Community, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement takes SEND from @everyone and gives PIN: no row has PIN while another still has SEND."""
    bits = int(atlas.everyone.permissions)
    Role.objects.filter(pk=atlas.everyone.pk).update(permissions=bits & ~int(Right.REACT) | int(Right.PIN))
    kinds: list[str] = []
    real = access._apply

    def apply(sql: str, chunk: access.Chunk) -> list[access.Change]:
        kinds.append("lose" if sql == access._LOSE else "gain")
        return real(sql, chunk)

    monkeypatch.setattr(access, "_apply", apply)
    sync_access(Scope(group=atlas.group.pk))
    assert set(kinds) == {"lose", "gain"}
    assert kinds == sorted(kinds, reverse=True)
    assert broken() == []
