"""A signed-in client for each of the cast, and their places."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.cast import Cast, make_cast

ClientOf = Callable[[User], Client]


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
