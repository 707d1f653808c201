"""Sessions in the database, asked for by a statement that is planned once: every request asks."""

from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
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
        stored = self.stored()
        if stored is None:
            self._session_key = None
            return {}
        return self.decode(stored)

    def stored(self) -> str | None:
        """The signed words of the session's row, unless it is over (one query)."""
        with prepared_cursor() as cursor:
            cursor.execute(_LOAD, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        return found[0] if found else None

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        held: dict[str, Any] = orjson.loads(
            _decoded(session_data, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
        )
        return held

    def cycle_key(self) -> None:
        formerly = self.session_key
        super().cycle_key()
        if formerly and SESSION_KEY in self:
            key_cycled.send(sender=type(self), session=self, formerly=formerly)


@lru_cache(maxsize=4096)
def _decoded(session_data: bytes | str, _keys: tuple[str | bytes, ...]) -> bytes:
    """What is signed there, as JSON; the same words under the same keys always say the same."""
    return orjson.dumps(DatabaseStore().decode(session_data))
