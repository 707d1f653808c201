"""Makers of people, for tests that need more of them than the cast. Places are made by the product's own actions."""

from collections.abc import Callable
from typing import Any

from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from accounts.models import User


class UserFactory(DjangoModelFactory):
    """A person with a name and an address of their own; the password is `secret-of-<username>`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda number: f"person{number}")
    email = LazyAttribute(lambda person: f"{person.username}@example.org")
    display_name = LazyAttribute(lambda person: person.username.title())

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", f"secret-of-{kwargs['username']}")
        return model_class.objects.create_user(password=password, **kwargs)


# What calling the factory gives, for the type checker, which takes the call for the making of a factory.
make_person: Callable[..., User] = UserFactory  # type: ignore[assignment]
