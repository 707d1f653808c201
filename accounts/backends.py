"""Who is let in by password, and whose session still counts."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import person_with

# An address may be written down by more accounts than the one that holds it; so many may enter with it.
ACCOUNTS_PER_ADDRESS = 2


class AccountBackend(AuthenticationBackend):
    """Username or e-mail address with a password. The number of hashes never tells whether an account exists."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        password, login = credentials.get("password"), credentials.get("username") or credentials.get("email")
        if not password or not login:
            return None
        slots = accounts_of_address(login) if "@" in login else account_of_username(login)
        matches = [person for person in slots if _check(person, password)]
        return self._admitted(next(iter(matches), None))

    def _admitted(self, person: User | None) -> User | None:
        if person is None or self.user_can_authenticate(person):
            return person
        # allauth asks for it to say why a person who knows the password is not let in.
        self._stash_user(person)
        return None

    def get_user(self, user_id: Any) -> User | None:
        """Asked at every request too: who the session belongs to, if they may still come in."""
        person = person_with(user_id)
        return person if self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Asked at every request: a suspended, switched-off or deleted account has no session any more."""
        if not isinstance(user, User) or not user.is_active:
            return False
        return user.deleted_at is None and not user.is_suspended


def account_of_username(username: str) -> list[User | None]:
    """The account called `username`, or None in its place."""
    return [User.objects.filter(username__iexact=username).first()]


def accounts_of_address(address: str) -> list[User | None]:
    """Always ACCOUNTS_PER_ADDRESS places: who holds the address, who wrote it down, and None for the rest."""
    holder = User.objects.filter(email__iexact=address).first()
    written = (
        EmailAddress.objects.filter(email=address.lower())
        .exclude(user=holder.pk if holder else None)
        .order_by("-pk")
        .select_related("user")
    )
    others = [row.user for row in written[: ACCOUNTS_PER_ADDRESS - bool(holder)]]
    places: list[User | None] = [holder] if holder else []
    places += others
    return places + [None] * (ACCOUNTS_PER_ADDRESS - len(places))


def _check(person: User | None, password: str) -> bool:
    """Hash once, whether or not there is somebody to compare with."""
    if person is None:
        User().set_password(password)
        return False
    return person.check_password(password)
