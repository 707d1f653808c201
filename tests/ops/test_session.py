"""The tests' own ground: the application's role, a clone per worker, nothing left by a transactional test."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_database()")
        user, database = cursor.fetchone()
    assert user == "chatter_app"
    assert database.startswith("test_")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["create table x (y int)", "truncate accounts_user", "drop table accounts_user", "create temp table x (y int)"],
)
def test_the_application_role_changes_no_tables(statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["first", "second"])
def test_a_transactional_test_finds_nothing_of_the_one_before(name: str) -> None:
    people = get_user_model().objects
    assert not people.exists()
    people.create(username=name)
