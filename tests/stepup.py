"""Confirming in tests, without the form: what `accounts.stepup.recently_confirmed` asks for."""

import time
from typing import Any

from django.test import Client


def confirm(client: Client, *, method: str = "password", ago: float = 0, **more: Any) -> Client:
    """The person signed in at `client` confirmed `ago` seconds ago that it is them."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [
        {"method": method, "at": time.time() - ago, "reauthenticated": True, **more}
    ]
    session.save()
    return client
