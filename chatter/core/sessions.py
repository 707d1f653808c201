"""Sessions in the database, asked for by a statement that is planned once: every request asks."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import Signal
from django.utils import timezone

from chatter.core.database import prepared_cursor

_LOAD = "select session_data from django_session where session_key = %s and expire_date > %s"

# A session of somebody who is signed in got another key: `session`, and the key it had, `formerly`.
key_cycled = Signal()


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Our keys are letters and digits; a cookie may hold anything, NUL included, which the database does not take."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[misc]  # private

    def load(self) -> dict[str, Any]:
        """What the session holds; empty, and without a key, where there is none any more."""
        with prepared_cursor() as cursor:
            cursor.execute(_LOAD, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(found[0])
        return held

    def cycle_key(self) -> None:
        formerly = self.session_key
        super().cycle_key()
        if formerly and SESSION_KEY in self:
            key_cycled.send(sender=type(self), session=self, formerly=formerly)
