"""A group's life when several things happen to it at once; and what keeps the directory quick."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection

from chat.models import Message
from chatter.core.errors import Refused
from chatter.ops.dbcheck import find_violations
from groups import directory
from groups.actions import group as group_actions
from groups.actions.coming import join_group, leave_group
from groups.actions.ending import request_group_deletion, transfer_group
from groups.actions.group import create_group, edit_group
from groups.models import Group, Member
from tests.cast import make_cast
from tests.factories import make_person
from tests.groups.cast import make_community

type Deed = Callable[[], object]


def at_once(deeds: Sequence[Deed]) -> list[Exception]:
    """Run them together; returns what went wrong, refusals included."""
    together = threading.Barrier(len(deeds))
    failures: list[Exception] = []

    def run(deed: Deed) -> None:
        try:
            together.wait()
            deed()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_who_comes_and_goes_at_once_is_counted_and_welcomed_once() -> None:
    cast = make_cast()
    atlas = make_community(cast, is_public=True)
    key = atlas.group.pk
    people = [make_person() for _number in range(4)]
    deeds: list[Deed] = [partial(join_group, person=person, group_id=key) for person in people * 2]
    deeds.append(lambda: leave_group(person=cast.bob, group_id=key))
    deeds.append(lambda: edit_group(actor=cast.alice, group_id=key, name="Open Atlas"))
    assert at_once(deeds) == []
    group = Group.objects.get()
    assert group.member_count == Member.objects.filter(group=group).count() == 4 + 4 - 1
    assert group.name == "Open Atlas"
    assert Message.objects.filter(conversation=atlas.talk).count() == 4
    assert [finding for finding in find_violations() if finding.broken] == []


@pytest.mark.django_db(transaction=True)
def test_nobody_comes_into_a_group_that_ends_at_that_moment() -> None:
    cast = make_cast()
    atlas = make_community(cast, is_public=True)
    key = atlas.group.pk
    at_once(
        [
            lambda: join_group(person=cast.charlie, group_id=key),
            lambda: request_group_deletion(actor=cast.alice, group_id=key, name="Atlas"),
            lambda: transfer_group(actor=cast.alice, group_id=key, person_id=cast.bob.pk, name="Atlas"),
        ]
    )
    assert [finding for finding in find_violations() if finding.broken] == []
    group = Group.objects.get()
    assert (group.owner == cast.bob) != (group.deletion_due_at is not None), "the first of the two deeds counts"


@pytest.mark.django_db(transaction=True)
def test_the_last_group_that_one_may_own_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_actions, "GROUPS_OWNED_MAX", 2)
    owner = make_person()
    create_group(owner=owner, name="First")
    failures = at_once([lambda: create_group(owner=owner, name="Last") for _number in range(3)])
    assert [type(failure) for failure in failures] == [Refused, Refused]
    assert Group.objects.filter(owner=owner).count() == 2


@pytest.mark.django_db
def test_the_directory_reads_the_groups_in_the_order_of_its_index() -> None:
    """However many there are: from where the page begins, as many as it shows."""
    owner = make_person()
    sql = directory._FOUND.format(words="")
    asked: dict[str, Any] = {"viewer": owner.pk, "count": 5, "after": directory.FIRST[1], "limit": 25}
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
        cursor.execute(f"explain {sql}", asked)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using group_directory" in plan
    assert "Index Cond: (member_count <= 5)" in plan
    assert "Sort" not in plan
