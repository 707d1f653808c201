"""Partitions a year ahead, by command and by the worker's clock."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from chatter.ops.partitions import MONTHS_AHEAD, make_partitions, months_ahead
from chatter.ops.schedule import DAY, Job, jobs, keep_schedule


@pytest.mark.django_db
def test_migrations_leave_a_year_of_partitions() -> None:
    assert months_ahead() == MONTHS_AHEAD
    assert make_partitions() == 0


@pytest.mark.django_db
def test_the_command_makes_what_is_missing_as_the_application_role() -> None:
    out = StringIO()
    call_command("partitions", ahead=MONTHS_AHEAD + 2, stdout=out)
    assert out.getvalue() == "2 partitions made; 14 months ahead are ready.\n"


@pytest.mark.django_db
def test_there_is_no_default_partition() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_partitioned_table where partdefid <> 0")
        assert cursor.fetchone() == (0,)


def test_the_worker_keeps_partitions_every_day() -> None:
    (job,) = (job for job in jobs() if job.name == "partitions")
    assert job.work is make_partitions
    assert job.every == DAY


def test_a_job_runs_at_once_then_when_it_is_due() -> None:
    ran: list[int] = []
    job = Job("count", 100, lambda: ran.append(1))
    for now in (10.0, 50.0, 109.0, 110.0, 111.0):
        job.run_if_due(now)
    assert len(ran) == 2


def test_a_failing_job_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("not today")

    job = Job("stubborn", 100, fail_once)
    job.run_if_due(10.0)
    job.run_if_due(70.0)
    job.run_if_due(71.0)
    assert len(tries) == 2
    assert "scheduled job failed" in caplog.text


@pytest.mark.django_db
def test_the_clock_stops_when_told() -> None:
    stop = threading.Event()
    keep_schedule(stop, [Job("last", DAY, stop.set)])
    assert stop.is_set()
