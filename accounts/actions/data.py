"""The end of an account: asked for, taken back within CHATTER_DELETION_DAYS, carried out.

Until then the account is switched off: nobody sees, finds or reaches the person, every session and token is gone. What
they said stays, as by "Deleted user".
"""

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.exports import delete_exports
from accounts.actions.pictures import remove_picture, tell_changed
from accounts.actions.reports import forget_reports
from accounts.actions.sessions import end_sessions
from accounts.erasure import erasers
from accounts.mail import forget_mails
from accounts.models import (
    ApiToken,
    Block,
    Device,
    FormerName,
    Friendship,
    Notification,
    PushSubscription,
    QuietException,
    Setting,
    User,
    Wallet,
)
from chatter.core.errors import Refused
from chatter.core.events import RelationsChanged
from chatter.core.realtime import publish, registry

logger = logging.getLogger(__name__)

# What has no meaning without the person. Each model has a `user`.
OWNED: tuple[Any, ...] = (
    *(Setting, QuietException, Device, ApiToken, Wallet, PushSubscription, FormerName),
    *(EmailAddress, Authenticator, SocialAccount),
)
ERASED_AT_ONCE = 50
NAME_ATTEMPTS = 5


def request_deletion(*, person: User, username: str = "") -> datetime:
    """Switch the account off and have it erased at the moment returned. `username` is what the person typed to confirm it.

    Guests have no way back in, so nothing waits for them.
    """
    if not person.is_guest and username.strip().removeprefix("@").lower() != person.username.lower():
        raise Refused("invalid", _("This is not your username."))
    due = timezone.now() + timedelta(days=0 if person.is_guest else settings.CHATTER_DELETION_DAYS)
    with transaction.atomic():
        _check_not_last_superuser(person)
        waiting = User.objects.filter(pk=person.pk, deletion_due_at=None, deleted_at=None)
        if waiting.update(deletion_due_at=due, is_active=False, session_epoch=F("session_epoch") + 1):
            PushSubscription.objects.filter(user=person).delete()
            end_sessions(person=person, reason="deletion")
    person.refresh_from_db()
    return person.deletion_due_at or due


def keep_account(*, person: User) -> None:
    """The person thought better of it, in time. Raises Refused when it is too late."""
    waiting = User.objects.filter(pk=person.pk, deletion_due_at__gt=timezone.now(), deleted_at=None)
    if not waiting.update(deletion_due_at=None, is_active=True):
        raise Refused("invalid", _("This account cannot be kept any more."))
    person.refresh_from_db()


def erase_due() -> int:
    """Erase the accounts whose time has come. One that fails is tried again at the next round; the others go on."""
    done = 0
    due = User.objects.filter(deletion_due_at__lte=timezone.now()).order_by("deletion_due_at")
    for person in due[:ERASED_AT_ONCE]:
        try:
            erase_person(person=person)
        except Exception:
            logger.exception("an account could not be erased", extra={"user": str(person.pk)})
        else:
            done += 1
    return done


def erase_person(*, person: User) -> None:
    """Take everything personal away, for good. Interrupted, it goes on where it was: the names go last."""
    end_sessions(person=person, reason="deletion")
    delete_exports(person=person)
    forget_reports(person=person)
    places = registry.small_places(person.pk)
    for erase in erasers():
        erase(person)
    remove_picture(person=person)
    forget_mails(_own_addresses(person))
    with transaction.atomic():
        _forget_relations(person)
        _forget_rows(person)
        _forget_identity(person)
        tell_changed(person, places)
    User.objects.filter(pk=person.pk).update(deletion_due_at=None)
    person.refresh_from_db()


def _own_addresses(person: User) -> set[str]:
    """Those that no other account claims too: its letters are not ours to take back."""
    mine = {*EmailAddress.objects.filter(user=person).values_list("email", flat=True), person.email or ""} - {""}
    others = EmailAddress.objects.exclude(user=person).annotate(lower=Lower("email"))
    taken = set(others.filter(lower__in=[address.lower() for address in mine]).values_list("lower", flat=True))
    return {address for address in mine if address.lower() not in taken}


def _check_not_last_superuser(person: User) -> None:
    """Of two who go at the same time the second sees the first."""
    rulers = User.objects.select_for_update(no_key=True).filter(is_superuser=True).order_by("pk")
    left = [ruler for ruler in rulers if ruler.pk != person.pk and ruler.is_active and ruler.deleted_at is None]
    if person.is_superuser and not left:
        raise Refused("forbidden", _("You are the only superuser. Make somebody else one first."))


def _forget_relations(person: User) -> None:
    friendships = Friendship.objects.filter(Q(requester=person) | Q(addressee=person))
    blocks = Block.objects.filter(Q(blocker=person) | Q(blocked=person))
    others = {key for pair in friendships.values_list("requester", "addressee") for key in pair}
    others |= {key for pair in blocks.values_list("blocker", "blocked") for key in pair}
    friendships.delete()
    blocks.delete()
    publish(*(RelationsChanged(user=key) for key in sorted(others | {person.pk})))


def _forget_rows(person: User) -> None:
    Notification.objects.filter(recipient=person).delete()
    QuietException.objects.filter(person=person).delete()
    for model in OWNED:
        model.objects.filter(user=person).delete()
    # The administration remembers how it called what it changed.
    mine = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    mine.update(object_repr="Deleted user", change_message="")


def _forget_identity(person: User) -> None:
    """The row stays, for what the person said; it names nobody."""
    blank = dict.fromkeys(("phone", "display_name", "first_name", "last_name", "bio", "status_text", "avatar"), "")
    person.set_unusable_password()
    fields: dict[str, Any] = blank | {
        "email": None,
        "password": person.password,
        "privacy": {},
        "status": User.Status.OFFLINE,
        "status_expires_at": None,
        "last_seen_at": None,
        "last_login": None,
        "is_active": False,
        "is_staff": False,
        "is_superuser": False,
        "suspended_reason": "",
        "deleted_at": person.deleted_at or timezone.now(),
    }
    for attempt in range(1, NAME_ATTEMPTS + 1):
        try:
            with transaction.atomic():
                User.objects.filter(pk=person.pk).update(username=f"deleted-{secrets.token_hex(6)}", **fields)
            break
        except IntegrityError:
            if attempt == NAME_ATTEMPTS:
                raise
    person.groups.clear()
    person.user_permissions.clear()
    person.refresh_from_db()
