"""The administration as it is put together: its site, its navigation, its colours."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AdministrationConfig(AdminConfig):
    default_site = "chatter.core.administration.Administration"


SECTIONS: tuple[tuple[Any, tuple[tuple[Any, str, str], ...]], ...] = (
    (
        _("People"),
        (
            (_("People"), "person", "accounts.user"),
            (_("E-mail addresses"), "mail", "account.emailaddress"),
            (_("Second factors"), "key", "mfa.authenticator"),
            (_("Friendships"), "handshake", "accounts.friendship"),
            (_("Blocks"), "block", "accounts.block"),
            (_("Reports"), "flag", "accounts.report"),
            (_("Former usernames"), "history_edu", "accounts.formername"),
            (_("Settings"), "tune", "accounts.setting"),
            (_("Devices"), "devices", "accounts.device"),
            (_("API tokens"), "vpn_key", "accounts.apitoken"),
            (_("Wallets"), "account_balance_wallet", "accounts.wallet"),
            (_("Linked accounts"), "link", "socialaccount.socialaccount"),
            (_("Exports"), "archive", "accounts.export"),
            (_("Staff roles"), "badge", "auth.group"),
            (_("Audit log"), "policy", "accounts.auditentry"),
        ),
    ),
    (
        _("Talk"),
        (
            (_("Conversations"), "forum", "chat.conversation"),
            (_("Memberships"), "groups", "chat.membership"),
            (_("Messages"), "chat", "chat.message"),
            (_("Revisions"), "history", "chat.messagerevision"),
            (_("Reactions"), "add_reaction", "chat.reaction"),
            (_("Mentions"), "alternate_email", "chat.mention"),
            (_("Changes"), "timeline", "chat.change"),
        ),
    ),
    (
        _("Groups"),
        (
            (_("Groups"), "diversity_3", "groups.group"),
            (_("Categories"), "folder", "groups.category"),
            (_("Channels"), "tag", "groups.channel"),
            (_("Roles"), "shield", "groups.role"),
            (_("Members"), "group", "groups.member"),
            (_("Overrides"), "rule", "groups.override"),
            (_("Invitations"), "mail_lock", "groups.invite"),
            (_("Who came by which"), "login", "groups.inviteuse"),
            (_("Bans"), "gavel", "groups.ban"),
            (_("Purges"), "delete_sweep", "groups.purge"),
            (_("Days of groups"), "calendar_month", "groups.groupday"),
            (_("Days of channels"), "bar_chart", "groups.channelday"),
        ),
    ),
    (
        _("Forums"),
        (
            (_("Forums"), "newspaper", "forums.forum"),
            (_("Posts"), "article", "forums.post"),
            (_("Comments"), "comment", "forums.comment"),
            (_("Revisions"), "history", "forums.revision"),
            (_("Pictures of posts"), "image", "forums.postimage"),
            (_("Polls"), "ballot", "forums.poll"),
            (_("Votes on posts"), "thumbs_up_down", "forums.postvote"),
            (_("Votes on comments"), "thumb_up", "forums.commentvote"),
            (_("Members"), "group", "forums.member"),
            (_("Requests to join"), "how_to_reg", "forums.joinrequest"),
            (_("Invitations"), "mail_lock", "forums.invitation"),
            (_("Bans"), "gavel", "forums.ban"),
            (_("Notes on people"), "sticky_note_2", "forums.note"),
            (_("Removals of all somebody wrote"), "delete_sweep", "forums.sweep"),
            (_("Who follows whom"), "person_add", "forums.personfollow"),
            (_("Who follows what"), "bookmark_added", "forums.postfollow"),
            (_("Rules"), "rule", "forums.rule"),
            (_("Flairs"), "sell", "forums.flair"),
            (_("Former addresses"), "alt_route", "forums.formerslug"),
            (_("Days of forums"), "calendar_month", "forums.forumday"),
        ),
    ),
    (
        _("Machinery"),
        (
            (_("Background tasks"), "manufacturing", "django_tasks_database.dbtaskresult"),
            (_("Jobs of the clock"), "schedule", "accounts.scheduledjob"),
            (_("Workers"), "dns", "accounts.worker"),
            (_("Deliveries"), "outgoing_mail", "accounts.delivery"),
            (_("Browsers with push"), "notifications_active", "accounts.pushsubscription"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: what this member of the staff may look at."""
    return [
        {"title": title, "separator": True, "collapsible": False, "items": [_item(request, *item) for item in items]}
        for title, items in SECTIONS
    ]


def _item(request: HttpRequest, title: Any, icon: str, label: str) -> dict[str, Any]:
    app, model = label.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{model}_changelist"),
        "permission": lambda visitor: visitor.user.has_perm(f"{app}.view_{model}"),
    }


def logo(_request: HttpRequest) -> str:
    return static("img/logo.svg")


def favicon(_request: HttpRequest) -> str:
    return static("img/favicon.svg")


# The tones of the pages: lightness (%) and chroma of each step.
NEUTRAL = {
    "50": (98.5, 0.002),
    "100": (96.5, 0.003),
    "200": (91.5, 0.005),
    "300": (86, 0.008),
    "400": (70, 0.012),
    "500": (53, 0.012),
    "600": (45, 0.012),
    "700": (37, 0.011),
    "800": (26, 0.009),
    "900": (21, 0.007),
    "950": (16, 0.006),
}
ACCENT = {
    "50": (97, 0.018),
    "100": (94.5, 0.035),
    "200": (90, 0.06),
    "300": (82, 0.1),
    "400": (74, 0.13),
    "500": (62, 0.17),
    "600": (52, 0.19),
    "700": (46, 0.18),
    "800": (40, 0.15),
    "900": (35, 0.12),
    "950": (26, 0.09),
}


def neutral_colors(_request: HttpRequest) -> dict[str, str]:
    return _scale(NEUTRAL, hue=285)


def accent_colors(_request: HttpRequest) -> dict[str, str]:
    return _scale(ACCENT, hue=277)


def _scale(steps: dict[str, tuple[float, float]], hue: int) -> dict[str, str]:
    return {step: f"oklch({lightness}% {chroma} {hue})" for step, (lightness, chroma) in steps.items()}
