"""Rows of a forum that stand in an order of their own (rules, flairs): numbered from 0 without gaps, under the forum's lock."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from chatter.core.errors import NotFound
from forums.models import Forum


def moved(rows: QuerySet[Any], key: UUID, before: UUID | None) -> bool:
    """Let the row of `key` stand before that of `before`, wherever that is by now; None: at the end. Answers whether it moved."""
    present = list(rows.order_by("position", "pk"))
    row, keys = _row(present, key), [each.pk for each in present if each.pk != key]
    if before is not None and before not in keys:
        raise NotFound
    keys.insert(len(keys) if before is None else keys.index(before), row.pk)
    return _number(rows, present, keys)


def nudged(rows: QuerySet[Any], key: UUID, by: int) -> bool:
    """Let it change places with the next one above (`by` -1) or below (1); at the ends it stays."""
    present = list(rows.order_by("position", "pk"))
    keys = [each.pk for each in present]
    at = keys.index(_row(present, key).pk)
    keys.insert(max(0, min(len(keys) - 1, at + by)), keys.pop(at))
    return _number(rows, present, keys)


def close_gaps(rows: QuerySet[Any]) -> None:
    """After one was deleted."""
    present = list(rows.order_by("position", "pk"))
    _number(rows, present, [each.pk for each in present])


def touch(forum: Forum) -> None:
    """What stands beside the forum's posts changed: whoever remembers it reads it again."""
    Forum.objects.filter(pk=forum.pk).update(updated_at=timezone.now())


def _row(rows: Sequence[Any], key: UUID) -> Any:
    """Raises NotFound for rows of other forums and unknown ids alike."""
    for row in rows:
        if row.pk == key:
            return row
    raise NotFound


def _number(rows: QuerySet[Any], present: Sequence[Any], order: Sequence[UUID]) -> bool:
    """Write the positions that differ."""
    position = {key: number for number, key in enumerate(order)}
    changed = [row for row in present if row.position != position[row.pk]]
    for row in changed:
        row.position = position[row.pk]
    rows.model.objects.bulk_update(changed, ["position"])
    return bool(changed)
