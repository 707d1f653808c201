"""Partitions a year ahead, by command and by the worker's clock."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from chatter.ops.partitions import MONTHS_AHEAD, make_partitions, months_ahead
from chatter.ops.schedule import DAY, jobs


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
