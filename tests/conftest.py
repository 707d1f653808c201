"""How every test meets the database and the browser: a clone migrated by the owner, used as the application's role."""

import os
from collections.abc import Callable, Coroutine, Iterator
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import psycopg
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import session
from tests.chromium import installed
from tests.databases import clone, empty

CHROMIUM_FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """The real algorithm at its least cost: hashes made here are good in a server started beside the test."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


def _giving_back(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    """The test, whose task may have a connection of its own: nobody else would give it back to the pool."""

    @wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        try:
            await test(*args, **kwargs)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return run


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running in the main thread, and no other may start."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.obj):
            item.obj = _giving_back(item.obj)
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None) -> Iterator[None]:
    """This worker's own copy of the migrated database; settings point to it already."""
    session.migrated(session.folder() / "migrate")
    with psycopg.connect(session.server().url("superuser", database="postgres"), autocommit=True) as superuser:
        clone(superuser, "chatter", session.DATABASE)
    yield
    connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's connection has it


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        from django.conf import settings

        patch.setattr(settings, "PASSWORD_HASHERS", [f"{__name__}.{QuickArgon2PasswordHasher.__qualname__}"])
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty(session.DATABASE))
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits live in the cache: no test inherits another's."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """A Chromium of this machine where there is one, else Playwright's own."""
    arguments = {**browser_type_launch_args, "args": [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]}
    found = installed()
    return {**arguments, "executable_path": found} if found else arguments
