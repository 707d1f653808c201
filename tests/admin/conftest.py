"""A superuser's browser in the administration, and every table's list."""

import pytest
from django.contrib import admin
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from chat.actions.conversation import join_lobby
from tests.cast import Cast, make_cast
from tests.factories import make_person


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def root() -> User:
    person: User = make_person(username="root_", is_staff=True, is_superuser=True)
    join_lobby(person=person)
    return person


@pytest.fixture
def office(root: User) -> Client:
    browser = Client()
    browser.force_login(root)
    return browser


def tables() -> dict[str, str]:
    """Every table in the administration: "chat.message" → the address of its list."""
    return {
        model._meta.label_lower: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    }


def reads(queries: CaptureQueriesContext) -> int:
    """How many queries a page took; not that once a minute its reader is noted as being here."""
    return sum(not query["sql"].startswith("UPDATE") for query in queries)
