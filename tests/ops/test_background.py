"""Background tasks: written with the transaction, tried again with pauses, one worker each, taken over from the dead."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import background
from accounts.background import FIRST_WAIT, LONGEST_WAIT, claim, perform, retry_task, wait_before
from accounts.models import ScheduledJob, Worker
from chatter.ops import worker as worker_module
from chatter.ops.reaper import DEAD_AFTER, note_alive, prune_tasks, reap, say_goodbye
from chatter.ops.schedule import Job, jobs, run_due
from chatter.ops.worker import Loop, keep
from tests import session
from tests.ops import tasks

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
FAILED, SUCCESSFUL = TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    tasks.ran.clear()


def run_next(worker: str = "me") -> DBTaskResult:
    """Let the only task be due, and run it."""
    DBTaskResult.objects.filter(status=READY).update(run_after=timezone.now() - timedelta(seconds=1))
    row = claim("default", worker)
    assert row is not None
    perform(row)
    row.refresh_from_db()
    return row


@pytest.mark.django_db
class TestATask:
    def test_runs_with_its_arguments(self) -> None:
        tasks.note.enqueue("hello")
        assert run_next().status == SUCCESSFUL
        assert tasks.ran == ["hello"]

    def test_takes_only_what_json_can_say(self) -> None:
        with pytest.raises(TypeError):
            tasks.note.enqueue(object())  # type: ignore[arg-type]

    def test_runs_again_after_an_error_until_it_has_failed(self) -> None:
        tasks.fail.enqueue()
        assert [run_next().status for _attempt in range(3)] == [READY, READY, FAILED]
        row = DBTaskResult.objects.get()
        assert row.exception_class_path == "builtins.RuntimeError"
        assert "not today" in row.traceback

    def test_waits_before_it_runs_again(self) -> None:
        tasks.fail.enqueue()
        row = run_next()
        assert row.run_after > timezone.now() + timedelta(seconds=FIRST_WAIT * 0.4)
        assert claim("default", "me") is None

    def test_comes_again_when_it_was_told_to(self) -> None:
        tasks.come_again.enqueue()
        row = run_next()
        assert timedelta(seconds=900) < row.run_after - timezone.now() < timedelta(seconds=1001)

    def test_that_gives_up_is_not_tried_again(self) -> None:
        tasks.give_up.enqueue()
        assert run_next().status == FAILED

    def test_of_another_version_fails_once(self) -> None:
        tasks.note.enqueue("hello")
        DBTaskResult.objects.update(task_path="tests.ops.tasks.gone")
        assert run_next().status == FAILED

    def test_that_names_no_task_is_not_called(self) -> None:
        tasks.note.enqueue("true")
        DBTaskResult.objects.update(task_path="os.system")
        row = run_next()
        assert row.status == FAILED
        assert row.exception_class_path.endswith("SuspiciousOperation")

    def test_that_failed_may_be_tried_again_in_full(self) -> None:
        tasks.fail.enqueue()
        row = [run_next() for _attempt in range(3)][-1]
        assert retry_task(row=row)
        assert not retry_task(row=row)
        assert run_next().status == READY

    def test_is_noted_by_who_holds_it_only(self) -> None:
        tasks.note.enqueue("hello")
        row = claim("default", "slow")
        assert row is not None
        DBTaskResult.objects.update(worker_ids=["slow", "quick"])
        perform(row)
        row.refresh_from_db()
        assert row.status == RUNNING

    def test_waits_in_its_queue(self) -> None:
        tasks.note.using(queue_name="mail").enqueue("hello")
        assert claim("default", "me") is None
        assert claim("mail", "me") is not None


def test_pauses_double_up_to_an_hour() -> None:
    for attempt in range(1, 40):
        expected = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
        assert expected * 0.5 <= wait_before(attempt) <= expected * 1.5


@pytest.mark.django_db(transaction=True)
def test_a_task_is_taken_back_with_its_transaction() -> None:
    def enqueue_and_fail() -> None:
        with transaction.atomic():
            tasks.note.enqueue("hello")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        enqueue_and_fail()
    assert claim("default", "me") is None


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_tasks() -> None:
    for number in range(40):
        tasks.note.enqueue(str(number))
    start = threading.Barrier(4)

    def work(name: str) -> None:
        start.wait()
        while row := claim("default", name):
            perform(row)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, tasks.ran)) == list(range(40))


def age(worker: str, seconds: float) -> None:
    Worker.objects.filter(pk=worker).update(seen_at=Now() - timedelta(seconds=seconds))


@pytest.mark.django_db
class TestTheReaper:
    def test_leaves_a_worker_that_lives_its_tasks(self) -> None:
        note_alive("me")
        age("me", DEAD_AFTER.total_seconds() - 5)
        tasks.note.enqueue("hello")
        claim("default", "me")
        assert reap() == 0

    def test_frees_the_tasks_of_a_worker_not_seen(self) -> None:
        note_alive("me")
        tasks.note.enqueue("hello")
        claim("default", "me")
        age("me", DEAD_AFTER.total_seconds() + 5)
        assert reap() == 1
        assert DBTaskResult.objects.get().status == READY

    def test_frees_the_tasks_of_a_worker_that_said_goodbye(self) -> None:
        note_alive("me")
        tasks.note.enqueue("hello")
        claim("default", "me")
        say_goodbye("me")
        assert reap() == 1

    def test_frees_one_of_which_nobody_could_note_how_it_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The database was away for a moment, and the worker lives on."""

        def away(*_given: object, **_named: object) -> None:
            raise OperationalError("the connection is lost")

        mine = worker_module.Worker()
        note_alive(mine.id)
        work = {loop.name: loop.work for loop in mine.loops()}
        tasks.note.enqueue("hello")
        with monkeypatch.context() as patch:
            patch.setattr(background, "_note", away)
            with pytest.raises(OperationalError):
                work["default-0"]()
        work["reaper"]()
        assert DBTaskResult.objects.get().status == READY

    def test_does_not_free_one_that_kills_its_workers_for_ever(self) -> None:
        tasks.note.enqueue("hello")
        for attempt in range(3):
            DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
            assert claim("default", f"worker-{attempt}") is not None
            assert reap() == 1
        row = DBTaskResult.objects.get()
        assert row.status == FAILED
        assert row.exception_class_path == "accounts.background.WorkerDied"

    def test_forgets_workers_of_the_past(self) -> None:
        note_alive("old")
        age("old", 2 * 24 * 3600)
        reap()
        assert not Worker.objects.exists()

    def test_old_results_are_pruned(self) -> None:
        ages = {SUCCESSFUL: (0.5, 1.5), FAILED: (29, 31)}
        for status, days in ages.items():
            for day in days:
                result = tasks.note.enqueue(f"{status} {day}")
                ended = timezone.now() - timedelta(days=day)
                DBTaskResult.objects.filter(pk=result.id).update(status=status, finished_at=ended)
        tasks.note.enqueue("waits")
        assert prune_tasks() == 2
        left = {row.args_kwargs["args"][0] for row in DBTaskResult.objects.all()}
        assert left == {"SUCCESSFUL 0.5", "FAILED 29", "waits"}


@pytest.mark.django_db
class TestTheClock:
    def test_a_job_runs_at_once_then_when_it_is_due(self) -> None:
        ran: list[int] = []
        job = Job("count", 100, lambda: ran.append(1))
        run_due([job])
        run_due([job])
        assert len(ran) == 1
        ScheduledJob.objects.update(due_at=Now() - timedelta(seconds=1))
        run_due([job])
        assert len(ran) == 2

    def test_a_failing_job_is_logged_and_tried_again_after_a_minute(self, caplog: pytest.LogCaptureFixture) -> None:
        def fail() -> None:
            raise RuntimeError("not today")

        run_due([Job("stubborn", 3600, fail)])
        row = ScheduledJob.objects.get()
        assert timedelta(seconds=50) < row.due_at - timezone.now() < timedelta(seconds=61)
        assert row.error == "RuntimeError: not today"
        assert "scheduled job failed" in caplog.text

    def test_a_job_another_worker_has_begun_is_not_begun(self) -> None:
        ran: list[int] = []

        def work() -> None:
            ran.append(1)
            run_due([job])

        job = Job("once", 100, work)
        run_due([job])
        assert len(ran) == 1

    def test_names_are_unique(self) -> None:
        names = [job.name for job in jobs()]
        assert len(names) == len(set(names))


@pytest.mark.django_db(transaction=True)
def test_a_loop_goes_on_after_an_error_and_stops_when_told(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    turns: list[int] = []

    def work() -> bool:
        turns.append(1)
        if len(turns) == 1:
            raise RuntimeError("not today")
        if len(turns) == 3:
            stop.set()
        return True

    keep(Loop("test", 0.001, work), stop)
    assert len(turns) == 3
    assert "worker loop failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_once_does_what_is_due_and_what_follows() -> None:
    tasks.note.enqueue("hello")
    tasks.note.using(queue_name="push").enqueue("there")
    worker_module.Worker().run_once()
    assert sorted(tasks.ran) == ["hello", "there"]
    assert not Worker.objects.exists()
    assert ScheduledJob.objects.count() == len(jobs())


# A worker in a process of its own.


@pytest.fixture
def pipes(tmp_path: Path) -> tuple[Path, Path]:
    says, waits = tmp_path / "says", tmp_path / "waits"
    os.mkfifo(says)
    os.mkfifo(waits)
    return says, waits


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            command = [sys.executable, "manage.py", "worker"]
            environment = {**os.environ, "CHATTER_PARENT": str(os.getpid())}
            process = subprocess.Popen(command, cwd=session.PROJECT, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_task_of_a_killed_worker_is_done_by_another(
    start_worker: Callable[[], "subprocess.Popen[bytes]"], pipes: tuple[Path, Path]
) -> None:
    says, waits = pipes
    tasks.say_and_wait.enqueue(str(says), str(waits))
    first = start_worker()
    assert says.read_text() == "begun"
    first.kill()
    first.wait()
    row = DBTaskResult.objects.get()
    assert row.status == RUNNING
    assert reap() == 0
    Worker.objects.update(seen_at=Now() - DEAD_AFTER - timedelta(seconds=1))
    assert reap() == 1
    DBTaskResult.objects.update(run_after=timezone.now())
    second = start_worker()
    assert says.read_text() == "begun"
    waits.write_text("go on")
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    row.refresh_from_db()
    assert row.status == SUCCESSFUL
    assert len(row.worker_ids) == 2


def test_sigterm_lets_a_worker_finish_what_it_holds(
    start_worker: Callable[[], "subprocess.Popen[bytes]"], pipes: tuple[Path, Path]
) -> None:
    says, waits = pipes
    tasks.say_and_wait.enqueue(str(says), str(waits))
    process = start_worker()
    says.read_text()
    process.send_signal(signal.SIGTERM)
    waits.write_text("go on")
    assert process.wait(30) == 0
    assert DBTaskResult.objects.get().status == SUCCESSFUL
    assert not Worker.objects.exists()
