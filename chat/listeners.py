"""What talk does when somebody signs in (everybody has a place in the lobby), and when one person blocks another."""

from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from accounts.signals import person_blocked
from chat.actions.conversation import join_lobby
from chat.actions.read import forget_mentions


@receiver(user_logged_in, dispatch_uid="chat.join_lobby")
def enter_lobby(sender: Any, user: Any, **_kwargs: Any) -> None:
    join_lobby(person=user)


@receiver(person_blocked, dispatch_uid="chat.forget_mentions")
def call_no_longer(sender: Any, blocker_id: UUID, blocked_id: UUID, **_kwargs: Any) -> None:
    forget_mentions(one=blocker_id, other=blocked_id)
