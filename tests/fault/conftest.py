"""Faults are made on real processes: web servers, PostgreSQL and Valkey of the test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests import session
from tests.fault.stage import Stage, make_stage
from tests.servers import SparePostgres, WebProcess

# The limits on people are lifted: what is tested is what servers do when something breaks.
UNLIMITED = {"CHATTER_RATE_LIMITS": "off"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/fault/" in str(item.path):
            item.add_marker(pytest.mark.fault)


@pytest.fixture
def stage(transactional_db: None) -> Callable[[int], Stage]:
    """A room of so many people in this worker's database."""
    return make_stage


@pytest.fixture
def stage_in() -> Callable[[SparePostgres, int], Stage]:
    """A room of so many people in another database."""

    def make(postgres: SparePostgres, count: int) -> Stage:
        environment = {**os.environ, **addresses(postgres), "DJANGO_SETTINGS_MODULE": "chatter.settings"}
        said = subprocess.run(
            [sys.executable, "-m", "tests.fault.stage", str(count)],
            cwd=session.PROJECT, env=environment, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        return Stage(**json.loads(said.stdout))

    return make


@pytest.fixture
def web(web_process: Callable[..., WebProcess]) -> Callable[..., WebProcess]:
    """Starts a web server without limits on people."""

    def start(*, redis_url: str | None = None, env: Mapping[str, str] | None = None) -> WebProcess:
        return web_process(redis_url=redis_url, env={**UNLIMITED, **(env or {})})

    return start


def addresses(postgres: Any) -> dict[str, str]:
    """The environment that names a test's own PostgreSQL."""
    return {"DATABASE_URL": postgres.url, "DATABASE_OWNER_URL": postgres.owner_url}
