"""What forums do when one person blocks another."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.signals import person_blocked
from forums.actions.following import part_followers


@receiver(person_blocked, dispatch_uid="forums.part_followers")
def follow_no_longer(sender: Any, blocker_id: UUID, blocked_id: UUID, **_kwargs: Any) -> None:
    part_followers(one=blocker_id, other=blocked_id)
