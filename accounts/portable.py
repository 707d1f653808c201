"""What accounts themselves have of a person, for their export. No secrets: nothing here lets anybody in."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import export
from accounts.actions.pictures import file_of
from accounts.export import Archive
from accounts.models import (
    ApiToken,
    Block,
    Device,
    FormerName,
    Friendship,
    Notification,
    PushSubscription,
    QuietException,
    Report,
    Setting,
    User,
    Wallet,
)
from accounts.models.user import AVATAR_SIZES
from accounts.privacy import DEFAULTS, circle_of
from accounts.profiles import shown_address

PROFILE = (
    *("id", "username", "phone", "display_name", "first_name", "last_name", "bio", "is_guest", "status"),
    *("status_text", "status_expires_at", "last_seen_at", "last_login", "created_at", "updated_at"),
)
CHUNK = 1000


def collect(person: User, archive: Archive) -> None:
    archive.add("profile", _("Profile"), _profile(person))
    archive.add("settings", _("Settings and privacy"), _settings(person))
    archive.add_rows("contacts", _("Contacts and contact requests"), _contacts(person))
    blocks = Block.objects.filter(blocker=person).select_related("blocked").order_by("created_at")
    archive.add_rows("blocks", _("People you blocked"), map(_block, blocks.iterator(CHUNK)))
    archive.add_rows(
        "devices", _("Devices"), _rows(Device, person, "name", "user_agent", "address", "created_at", "last_active_at")
    )
    archive.add("ways_in", _("What lets you in"), _ways_in(person))
    named = ("kind", "count", "payload", "created_at", "updated_at", "read_at", "expires_at")
    archive.add_rows(
        "notifications",
        _("Notifications"),
        Notification.objects.filter(recipient=person).order_by("id").values(*named).iterator(CHUNK),
    )
    reports = Report.objects.filter(reporter=person).order_by("created_at")
    said = ("target_id", "reason", "rule", "details", "state", "created_at", "decided_at")
    archive.add_rows("reports", _("Reports you made"), reports.values(*said).iterator(CHUNK))
    _add_picture(person, archive)


def _profile(person: User) -> dict[str, Any]:
    """The address of the person's row only once it is theirs: before, it would tell whether another account has it."""
    addresses = EmailAddress.objects.filter(user=person).order_by("pk").values("email", "verified", "primary")
    former = FormerName.objects.filter(user=person).order_by("given_up_at").values("username", "given_up_at")
    return {name: getattr(person, name) for name in PROFILE} | {
        "email": shown_address(person),
        "email_addresses": list(addresses),
        "former_usernames": list(former),
    }


def _settings(person: User) -> dict[str, Any]:
    exceptions = QuietException.objects.filter(user=person).values("person__username", "place", "kind", "created_at")
    return {
        "settings": dict(Setting.objects.filter(user=person).values_list("key", "value")),
        "privacy": {way.value: circle_of(person.privacy, way).value for way in DEFAULTS},
        "quiet_hours_let_through": list(exceptions),
    }


def _contacts(person: User) -> Iterator[dict[str, Any]]:
    rows = Friendship.objects.filter(Q(requester=person) | Q(addressee=person)).order_by("created_at")
    for row in rows.select_related("requester", "addressee").iterator(CHUNK):
        asked = row.requester_id == person.pk
        if row.withdrawn_at or (not asked and row.state == Friendship.State.DECLINED):
            continue
        other = row.addressee if asked else row.requester
        # A silent no stays silent.
        state = Friendship.State.PENDING if asked and row.state == Friendship.State.DECLINED else row.state
        yield {
            "username": other.username,
            "name": other.name,
            "state": state,
            "asked_by_me": asked,
            "created_at": row.created_at,
            "accepted_at": row.accepted_at,
        }


def _block(row: Block) -> dict[str, Any]:
    return {"username": row.blocked.username, "reason": row.reason, "created_at": row.created_at}


def _ways_in(person: User) -> dict[str, Any]:
    tokens = ("name", "scope", "created_at", "last_used_at", "last_address", "revoked_at", "revoked_reason")
    return {
        "has_password": person.has_usable_password(),
        "second_factors": list(Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at")),
        "wallets": list(_rows(Wallet, person, "address", "created_at", "last_used_at")),
        "linked_accounts": list(
            SocialAccount.objects.filter(user=person).values(
                "provider", "uid", "extra_data", "date_joined", "last_login"
            )
        ),
        "programs": list(_rows(ApiToken, person, *tokens)),
        "push_subscriptions": list(_rows(PushSubscription, person, "created_at", "last_used_at")),
    }


def _rows(model: Any, person: User, *names: str) -> Iterator[dict[str, Any]]:
    rows: Iterator[dict[str, Any]] = (
        model.objects.filter(user=person).order_by("created_at").values(*names).iterator(CHUNK)
    )
    return rows


def _add_picture(person: User, archive: Archive) -> None:
    name = file_of(person.avatar, max(AVATAR_SIZES)) if person.avatar else ""
    if not name or not default_storage.exists(name):
        return
    with default_storage.open(name) as picture:
        archive.add_file("files/picture.webp", _("Your picture"), picture)


export.register("accounts", collect)
