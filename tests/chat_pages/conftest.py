"""A signed-in client for each of the cast, and their places."""

import typing
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.cast import Cast, make_cast
from tests.factories import UserFactory

ClientOf = Callable[[User], Client]


def somebody(**fields: Any) -> User:
    """A person besides the cast."""
    return typing.cast("User", UserFactory(**fields))


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def client_of() -> ClientOf:
    """`client_of(person)` browses as that person."""

    def make(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return make
