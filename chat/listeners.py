"""What talk does when somebody signs in: everybody has a place in the lobby."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from chat.actions.conversation import join_lobby


@receiver(user_logged_in, dispatch_uid="chat.join_lobby")
def enter_lobby(sender: Any, user: Any, **_kwargs: Any) -> None:
    join_lobby(person=user)
