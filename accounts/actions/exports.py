"""Exports of a person's own data: asked for, made in the background, offered for a week, deleted."""

import secrets
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.tasks import TaskResultStatus
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from accounts.actions.notifications import notify
from accounts.background import background
from accounts.export import archive_into, collectors
from accounts.models import Export, Notification, User
from accounts.permissions import check_member
from accounts.preferences import setting_of
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit

FOLDER = "exports"
KEPT = timedelta(days=7)
PER_DAY = 5
LISTED = 5
# The row of one that is over is kept a while, to be listed.
FORGOTTEN_AFTER = timedelta(days=30)
# Files of no row: older than this they are not on their way to one either.
ORPHANED_AFTER = timedelta(days=1)
UNFINISHED = (Export.State.WAITING, Export.State.RUNNING)


def request_export(*, person: User) -> Export:
    """Begin an export, unless one is under way. Raises Refused."""
    check_member(person)
    busy = Refused("invalid", _("An export is being made already."))
    if Export.objects.filter(user=person, state__in=UNFINISHED).exists():
        raise busy
    check_limit("export", person.pk, limit=PER_DAY, seconds=24 * 60 * 60)
    try:
        with transaction.atomic():
            made = Export.objects.create(user=person)
            build_export.enqueue(str(made.pk))
    except IntegrityError as error:
        raise busy from error
    return made


@background(retries=3)
def build_export(export_id: str) -> None:
    """Make the ZIP. Begun anew when a worker died over it; one that is ready, or of somebody who is gone, is left alone."""
    waiting = Export.objects.select_related("user").filter(pk=export_id, state__in=UNFINISHED)
    row = waiting.filter(user__deleted_at=None).first()
    if row is None:
        return
    waiting.update(state=Export.State.RUNNING, progress=0)
    with tempfile.TemporaryFile() as target:
        with translation.override(str(setting_of(row.user, "language")) or None):
            _write(row, target)
        size = target.tell()
        target.seek(0)
        name = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.zip", File(target))
    if not _finish(row, name, size):
        default_storage.delete(name)


def find_export(*, person: User, export_id: UUID) -> Export:
    """One of the person's own that can be downloaded now. Raises NotFound."""
    ready = Export.objects.filter(user=person, pk=export_id, state=Export.State.READY, expires_at__gt=timezone.now())
    found = ready.exclude(file="").first()
    if found is None:
        raise NotFound
    return found


def delete_exports(*, person: User) -> None:
    """Take back all of a person's, made or under way, files included."""
    with transaction.atomic():
        rows = list(Export.objects.select_for_update().filter(user=person))
        Export.objects.filter(user=person).delete()
    for row in rows:
        _delete_file(row)


def tidy_exports() -> int:
    """Delete the files of exports that are over, and own up to those that nobody works on any more. Returns how many."""
    now = timezone.now()
    over = list(Export.objects.filter(expires_at__lte=now).exclude(file=""))
    for row in over:
        _delete_file(row)
    _sweep(now - ORPHANED_AFTER)
    lost = [row for row in Export.objects.filter(state__in=UNFINISHED) if not _is_worked_on(row)]
    for row in lost:
        Export.objects.filter(pk=row.pk, state__in=UNFINISHED).update(state=Export.State.FAILED, finished_at=now)
    Export.objects.filter(created_at__lt=now - FORGOTTEN_AFTER, file="").exclude(state__in=UNFINISHED).delete()
    return len(over) + len(lost)


def _sweep(before: datetime) -> None:
    """Delete files that no row names: a worker died between writing one and saying so, or the storage was away."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for name in {f"{FOLDER}/{name}" for name in names} - known:
        if default_storage.get_modified_time(name) < before:
            default_storage.delete(name)


def _write(row: Export, target: IO[bytes]) -> None:
    parts = collectors()
    with archive_into(target) as archive:
        for number, collect in enumerate(parts):
            archive.report = _reporter(row, number, len(parts))
            collect(row.user, archive)
            archive.report(1.0)
        context = {"person": row.user, "entries": archive.entries, "made_at": timezone.now()}
        archive.file.writestr("index.html", render_to_string("accounts/export_index.html", context))


def _reporter(row: Export, number: int, parts: int) -> Callable[[float], None]:
    """Writes down how far it is, when that is another percentage."""

    def report(share: float) -> None:
        progress = min(99, int(100 * (number + min(1.0, max(0.0, share))) / parts))
        if progress > row.progress:
            row.progress = progress
            Export.objects.filter(pk=row.pk).update(progress=progress)

    return report


def _finish(row: Export, name: str, size: int) -> bool:
    """Offer the file. False when another worker was quicker, or the account is being deleted."""
    now = timezone.now()
    with transaction.atomic():
        done = Export.objects.filter(pk=row.pk, state__in=UNFINISHED).update(
            state=Export.State.READY, progress=100, file=name, size=size, finished_at=now, expires_at=now + KEPT
        )
        if done:
            kind, key = Notification.Kind.SYSTEM, f"export:{row.pk}"
            notify(recipient=row.user_id, kind=kind, group_key=key, payload={"event": "export_ready"})
    return bool(done)


def _is_worked_on(row: Export) -> bool:
    """Is there a task for it that waits or runs?"""
    alive = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return DBTaskResult.objects.filter(status__in=alive, args_kwargs__args=[str(row.pk)]).exists()


def _delete_file(row: Export) -> None:
    if row.file:
        default_storage.delete(row.file)
        Export.objects.filter(pk=row.pk).update(file="")
