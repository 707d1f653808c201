"""When people were last here. Written sparsely, by the live side, for many at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import User


def touch_last_seen(*, people: Sequence[UUID], at: datetime) -> None:
    """`people` were here at `at`."""
    User.objects.filter(pk__in=people).update(last_seen_at=at)
