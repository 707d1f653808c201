"""Who is let in by password, and whose session still counts."""

from functools import cache
from typing import Any

import orjson
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance

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
        """Asked at every request too: who the session belongs to, with their settings and blocks, if they may still come in."""
        with prepared_cursor() as cursor:
            cursor.execute(_user_sql(), [user_id])
            found = cursor.fetchone()
        person = None
        if found:
            *row, preferences, blocked, requests, told = found
            person = instance(User, row)
            person.preferences = orjson.loads(preferences) if preferences else {}
            person.blocked_ids, person.requests_waiting = frozenset(blocked), requests
            person.notification_count = told
        return person if self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Asked at every request: a suspended, switched-off or deleted account has no session any more."""
        if not isinstance(user, User) or not user.is_active:
            return False
        return user.deleted_at is None and not user.is_suspended


@cache
def _user_sql() -> str:
    preferences = "(select json_object_agg(s.key, s.value)::text from accounts_setting s where s.user_id = u.id)"
    blocked = "array(select b.blocked_id from accounts_block b where b.blocker_id = u.id)"
    requests = (
        "(select count(*) from (select from accounts_friendship f"
        " where f.addressee_id = u.id and f.state = 'pending' limit 100) waiting)"
    )
    told = (
        "(select count(*) from (select from accounts_notification n where n.recipient_id = u.id and n.read_at is null"
        " and n.in_app and n.expires_at > now() limit 100) unread)"
    )
    shown = f"{columns(User, 'u')}, {preferences}, {blocked}, {requests}, {told}"
    return f"select {shown} from accounts_user u where u.id = %s"  # noqa: S608 -- names of columns


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
