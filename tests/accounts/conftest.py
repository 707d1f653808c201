"""Counting how often a password is hashed, the thing that takes time at the door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hashing of a password since the list was last cleared."""
    done: list[str] = []

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def hashing(*given: Any, **more: Any) -> Any:
            done.append("hash")
            return real(*given, **more)

        return hashing

    for method in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, method, counted(getattr(Argon2PasswordHasher, method)))
    return done
