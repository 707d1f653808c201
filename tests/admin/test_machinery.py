"""The machinery in the administration: what failed may run again, nothing secret is shown, long lists cost what short ones do."""

import pytest
from django.db import connection
from django.tasks import TaskResultStatus
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Delivery, Notification, PushSubscription, ScheduledJob, User, Worker
from tests.factories import make_person
from tests.ops import tasks

pytestmark = pytest.mark.django_db
TASKS = "/admin/django_tasks_database/dbtaskresult/"
LISTS = [
    TASKS,
    *(f"/admin/accounts/{name}/" for name in ("scheduledjob", "worker", "delivery", "pushsubscription")),
]


def failed_task() -> DBTaskResult:
    result = tasks.note.enqueue("the-secret-argument")
    DBTaskResult.objects.filter(pk=result.id).update(
        status=TaskResultStatus.FAILED, worker_ids=["a", "b"], exception_class_path="builtins.OSError", traceback="Alas"
    )
    row: DBTaskResult = DBTaskResult.objects.get(pk=result.id)
    return row


def test_a_task_that_failed_can_be_tried_again(office: Client) -> None:
    row, waiting = failed_task(), tasks.note.enqueue("waits")
    form = {"action": "retry", "_selected_action": [str(row.pk), waiting.id]}
    page = office.post(TASKS, form, follow=True).content.decode()
    assert "1 task runs again." in page
    row.refresh_from_db()
    assert (row.status, row.worker_ids) == (TaskResultStatus.READY, [])


def test_who_may_only_look_cannot(client: Client) -> None:
    from django.contrib.auth.models import Permission

    clerk = make_person(username="clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_dbtaskresult"))
    client.force_login(clerk)
    row = failed_task()
    client.post(TASKS, {"action": "retry", "_selected_action": [str(row.pk)]})
    row.refresh_from_db()
    assert row.status == TaskResultStatus.FAILED


def test_it_shows_why_and_never_with_what(office: Client) -> None:
    row = failed_task()
    for address in (TASKS, f"{TASKS}{row.pk}/change/"):
        page = office.get(address).content.decode()
        assert "OSError" in page
        assert "the-secret-argument" not in page


def test_the_keys_of_a_browser_are_not_shown(office: Client, root: User) -> None:
    made = PushSubscription.objects.create(
        user=root, endpoint="https://push.example.org/the-secret", p256dh="the-point", auth="the-auth"
    )
    for address in (LISTS[4], f"{LISTS[4]}{made.pk}/change/"):
        page = office.get(address).content.decode()
        assert "push.example.org" in page
        assert not any(secret in page for secret in ("the-secret", "the-point", "the-auth"))


def populate(count: int, before: int = 0) -> None:
    now = timezone.now()
    for number in range(before, before + count):
        person = make_person(username=f"someone{number}")
        failed_task()
        ScheduledJob.objects.create(name=f"job{number}", due_at=now)
        Worker.objects.create(id=f"worker{number}", started_at=now, seen_at=now)
        told = Notification.objects.create(recipient=person, kind="system", group_key="x", expires_at=now)
        Delivery.objects.create(notification=told, recipient=person, channel="email", due_at=now)
        PushSubscription.objects.create(
            user=person, endpoint=f"https://push.example.org/{number}", p256dh="p", auth="a"
        )


def test_a_long_list_costs_what_a_short_one_costs(office: Client) -> None:
    def costs() -> list[int]:
        counted = []
        for address in LISTS:
            with CaptureQueriesContext(connection) as queries:
                assert office.get(address).status_code == 200
            counted.append(len(queries))
        return counted

    populate(3)
    costs()
    few = costs()
    populate(20, before=3)
    assert costs() == few
