"""API tokens: how programs enter in a person's name. A family has one access token (15 minutes) and one refresh token,
which is replaced at each use; using a replaced one revokes the family. The database holds digests only.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.actions.devices import ip_address
from accounts.actions.notifications import notify
from accounts.models import ApiToken, User
from accounts.names import tidy_name
from accounts.permissions import check_member
from chatter.core.errors import NotFound, Refused
from chatter.core.events import SessionsEnded
from chatter.core.limits import Seldom
from chatter.core.realtime import publish

ACCESS_PREFIX, REFRESH_PREFIX = "chatter_access_", "chatter_refresh_"
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=90)
# Two clients with one refresh token: whoever comes second within so long has lost a race, nothing worse.
RACE = timedelta(seconds=10)
# Revoked and expired families are listed that long.
KEPT_DEAD = timedelta(days=90)
SECRET_BYTES, TAG_BYTES = 32, 16
TOKEN_MAX = 200
NAME_MAX, PER_PERSON, KEPT_SHOWN = 60, 20, 20
used = Seldom(seconds=60)


class InvalidToken(Refused):
    """Unknown, expired, revoked, forged, of somebody who may not enter: one answer for all."""

    def __init__(self) -> None:
        super().__init__("invalid_token", _("This token is not valid, or not any more."))

    @property
    def status(self) -> int:
        return 401


class AlreadyRefreshed(Refused):
    """Another client was quicker with the same refresh token; it has the new one."""

    def __init__(self) -> None:
        super().__init__("already_refreshed", _("Another client has just used this token and has the new one."))

    @property
    def status(self) -> int:
        return 409


@dataclass(frozen=True)
class Issued:
    """A family and its new tokens: the only moment at which they can be read."""

    family: ApiToken
    access_token: str
    refresh_token: str

    def as_wire(self) -> dict[str, object]:
        return {
            "access_token": self.access_token,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": self.refresh_token,
            "scope": self.family.scope,
        }


def make_token(*, person: User, name: str, scope: str) -> Issued:
    """A new family called `name`, that may read, or read and write, as the person may."""
    check_member(person)
    name = tidy_name(name)
    if not name or len(name) > NAME_MAX or scope not in ApiToken.Scope.values:
        raise Refused("invalid")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if living_tokens(person).count() >= PER_PERSON:
            raise Refused("forbidden", _("You have 20 tokens already. Revoke one you no longer need."))
        family = ApiToken(pk=uuid4(), user=person, name=name, scope=scope, auth_hash=person.get_session_auth_hash())
        issued = _issue(family)
        family.save(force_insert=True)
    return issued


def refresh_token(*, token: str, address: str) -> Issued:
    """New tokens for a refresh token, which is spent with it. Of several clients with one token exactly one gets them."""
    key = _family_of(token)
    if key is None:
        raise InvalidToken
    with transaction.atomic():
        family = ApiToken.objects.select_for_update(of=("self",)).select_related("user").filter(pk=key).first()
        if family is None or not _lets_in(family):
            raise InvalidToken
        digest = _digest(token)
        if compare_digest(bytes(family.refresh_digest), digest):
            return _rotate(family, address)
        if _has_lost_race(family, digest):
            raise AlreadyRefreshed
        _revoke(family, "reused")
    # What was written stays written: raised outside.
    raise InvalidToken


def revoke_token(*, person: User, token_id: UUID) -> None:
    """End a family of the person's own; sockets that it opened close at once."""
    with transaction.atomic():
        family = ApiToken.objects.select_for_update().filter(pk=token_id, user=person).first()
        if family is None:
            raise NotFound
        if family.revoked_at is None:
            _revoke(family, "revoked")


def give_back_token(*, token: str) -> None:
    """End the family of an access or refresh token that its program no longer needs. What is not valid is ended already."""
    with transaction.atomic():
        rows = ApiToken.objects.select_for_update().filter(revoked_at=None)
        if token.startswith(ACCESS_PREFIX):
            family = rows.filter(access_digest=_digest(token)).first()
        else:
            key = _family_of(token)
            family = rows.filter(pk=key).first() if key else None
        if family is not None:
            _revoke(family, "revoked")


def revoke_tokens(*, person: User, reason: str) -> None:
    """End all families of the person. Whoever calls it tells the sockets."""
    rows = ApiToken.objects.filter(user=person, revoked_at=None)
    rows.update(revoked_at=timezone.now(), revoked_reason=reason)


def family_of_bearer(*, token: str, address: str) -> ApiToken | None:
    """The family whose access token this is, with its person; of a suspended person too: they are told why."""
    if not token.startswith(ACCESS_PREFIX) or len(token) > TOKEN_MAX:
        return None
    rows = ApiToken.objects.select_related("user").filter(user__is_active=True, access_expires_at__gt=timezone.now())
    family = rows.filter(access_digest=_digest(token)).first()
    if family is None or not (_lets_in(family) or family.user.was_shut_out_of(family.auth_hash)):
        return None
    if used.is_due(family.pk):
        ApiToken.objects.filter(pk=family.pk).update(last_used_at=timezone.now(), last_address=ip_address(address))
    return family


def living_families(keys: list[UUID]) -> set[UUID]:
    """Those families that were neither revoked nor have expired; noted as used."""
    alive = set(_living().filter(pk__in=keys).values_list("pk", flat=True))
    due = [key for key in alive if used.is_due(key)]
    if due:
        ApiToken.objects.filter(pk__in=due).update(last_used_at=timezone.now())
    return alive


def prune_tokens() -> int:
    """Delete families that ended long ago; the number of them."""
    before = timezone.now() - KEPT_DEAD
    gone = ApiToken.objects.filter(revoked_at__lt=before) | ApiToken.objects.filter(refresh_expires_at__lt=before)
    return int(gone.delete()[0])


def living_tokens(person: User) -> QuerySet[ApiToken]:
    """The families that programs can still use, the newest first."""
    return _living().filter(user=person, auth_hash=person.get_session_auth_hash()).order_by("-created_at")


def ended_tokens(person: User) -> QuerySet[ApiToken]:
    """The families that were revoked or ran out lately, the last one first."""
    living = living_tokens(person).values("pk")
    return ApiToken.objects.filter(user=person).exclude(pk__in=living).order_by("-revoked_at", "-created_at")


def _living() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(revoked_at=None, refresh_expires_at__gt=timezone.now())


def _lets_in(family: ApiToken) -> bool:
    """May who holds its tokens come in? The same as for a session of its person."""
    person = family.user
    if family.revoked_at is not None or family.refresh_expires_at <= timezone.now():
        return False
    if not person.is_active or person.deleted_at is not None or person.is_suspended:
        return False
    return person.accepts(family.auth_hash)


def _issue(family: ApiToken) -> Issued:
    """Put new tokens into the family, which is saved by the caller."""
    now = timezone.now()
    access, refresh = ACCESS_PREFIX + secrets.token_urlsafe(SECRET_BYTES), _new_refresh_token(family.pk)
    family.access_digest, family.access_expires_at = _digest(access), now + ACCESS_LIFE
    family.refresh_digest, family.refresh_expires_at = _digest(refresh), now + REFRESH_LIFE
    return Issued(family, access, refresh)


def _rotate(family: ApiToken, address: str) -> Issued:
    now = timezone.now()
    family.spent_digest, family.rotated_at = family.refresh_digest, now
    family.rotation += 1
    family.last_used_at, family.last_address = now, ip_address(address)
    issued = _issue(family)
    family.save()
    return issued


def _has_lost_race(family: ApiToken, digest: bytes) -> bool:
    if family.spent_digest is None or family.rotated_at is None:
        return False
    return compare_digest(bytes(family.spent_digest), digest) and timezone.now() - family.rotated_at <= RACE


def _revoke(family: ApiToken, reason: str) -> None:
    family.revoked_at, family.revoked_reason = timezone.now(), reason
    family.save(update_fields=["revoked_at", "revoked_reason"])
    publish(SessionsEnded(user=family.user_id, token=family.pk))
    if reason == "reused":
        payload = {"event": "token_reused", "name": family.name}
        notify(recipient=family.user_id, kind="system", group_key=f"token:{family.pk}", payload=payload)


def _new_refresh_token(family: UUID) -> str:
    """Family, secret, and a tag that only this site can make: a replaced token is known as ours without being stored."""
    body = family.bytes + secrets.token_bytes(SECRET_BYTES)
    tag = _tag(body, settings.SECRET_KEY)
    return REFRESH_PREFIX + base64.urlsafe_b64encode(body + tag).decode().rstrip("=")


def _family_of(token: str) -> UUID | None:
    """The family a refresh token was made for; None for what this site never made."""
    if not token.startswith(REFRESH_PREFIX) or len(token) > TOKEN_MAX:
        return None
    text = token.removeprefix(REFRESH_PREFIX)
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, tag = whole[:-TAG_BYTES], whole[-TAG_BYTES:]
    if len(whole) != 16 + SECRET_BYTES + TAG_BYTES:
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    is_ours = any(compare_digest(_tag(body, key), tag) for key in keys)
    return UUID(bytes=body[:16]) if is_ours else None


def _tag(body: bytes, secret: str) -> bytes:
    return salted_hmac("accounts.refresh", body, secret=secret, algorithm="sha256").digest()[:TAG_BYTES]


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
