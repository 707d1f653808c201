"""The page of notifications and the menu of the bell; what is set about them. Scripts ask for parts, or for JSON."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.notifications import mark_all_read, mark_notification_read, mark_these, unread_count
from accounts.actions.preferences import set_settings
from accounts.actions.quiet import let_through, stop_letting_through
from accounts.forms.notifications import (
    CHANNELS,
    ListForm,
    NotificationSettingsForm,
    QuietExceptionForm,
)
from accounts.models import Notification, QuietException, User
from accounts.notices import Place, offered_kinds, places_of, shown
from accounts.notification_list import MENU, PAGE, page_of
from accounts.preferences import settings_of, zone_of
from accounts.views.settings import form_page, saved
from chatter.core.asking import wants_json
from chatter.core.errors import NotFound, Refused

INDEX = "notifications"


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Everything one was told: a page of it, the part that scripts replace, the menu of the bell, or how many are unread."""
    viewer = _viewer(request)
    if wants_json(request):
        return JsonResponse({"unread_count": viewer.notification_count})
    form = ListForm(request.GET)
    if not form.is_valid():
        raise Refused("invalid")
    in_menu = request.headers.get("X-Fragment") == "menu"
    page = page_of(viewer.pk, **form.cleaned_data, limit=MENU if in_menu else PAGE)
    if page.stale:
        # What may not be seen any more is nothing to be called for.
        mark_these(recipient=viewer, notifications=page.stale)
        viewer.notification_count = unread_count(viewer.pk)
    context = {"page": page, "unread": viewer.notification_count, "at": "notifications", "now": timezone.now()}
    if in_menu:
        return render(request, "accounts/notifications_menu.html", context)
    kinds = [(kind.value, kind.label) for kind in offered_kinds()]
    return render(request, "accounts/notifications.html", context | {"kinds": kinds} | form.cleaned_data)


@require_safe
def notification_open(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Go where it happened; that reads it."""
    viewer = _viewer(request)
    row = mark_notification_read(recipient=viewer, notification_id=notification_id)
    url = next((notice.url for notice in shown(viewer, [row])), None)
    if url is None:
        messages.info(request, gettext("This is no longer there."))
    if not url or not url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return redirect(INDEX)
    return redirect(url)


@require_POST
def notification_read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    mark_notification_read(recipient=_viewer(request), notification_id=notification_id)
    return _marked(request)


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Everything, or everything of one kind."""
    form = ListForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    mark_all_read(recipient=_viewer(request), kind=form.cleaned_data["kind"])
    return _marked(request, form.cleaned_data["kind"])


@require_http_methods(["GET", "HEAD", "POST"])
def settings_notifications(request: HttpRequest) -> HttpResponse:
    """What is told which way, when it is quiet, and what is muted."""
    viewer = _viewer(request)
    if viewer.is_guest:
        return redirect("guest_claim")
    form = NotificationSettingsForm(request.POST or None, wishes=settings_of(viewer))
    if form.is_valid():
        set_settings(person=viewer, values=form.settings())
        return saved(request, "settings_notifications")
    places = places_of(viewer.pk)
    return form_page(
        request,
        "accounts/settings_notifications.html",
        form,
        channels=list(CHANNELS.values()),
        kinds=[(kind.value, kind.label) for kind in offered_kinds()],
        own_places=places,
        muted=[place for place in places if place.muted_until],
        exceptions=_exceptions(viewer, places),
        zone=zone_of(viewer),
    )


@require_POST
def quiet_exception_add(request: HttpRequest) -> HttpResponse:
    """Let a person, a conversation or a kind break through."""
    form = QuietExceptionForm(request.POST)
    try:
        let_through(person=_viewer(request), **(form.cleaned_data if form.is_valid() else {"username": "?"}))
    except Refused as refusal:
        messages.error(request, gettext("Nobody is called that.") if isinstance(refusal, NotFound) else str(refusal))
    return redirect("settings_notifications")


@require_POST
def quiet_exception_remove(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    stop_letting_through(person=_viewer(request), exception_id=exception_id)
    return redirect("settings_notifications")


def _exceptions(viewer: User, places: list[Place]) -> list[tuple[QuietException, str]]:
    """Who and what breaks through, by name; places one has left are not named."""
    titles = {place.id: place.title for place in places}
    rows = QuietException.objects.filter(user=viewer).select_related("person").order_by("created_at")
    named = [(row, _name(row, titles)) for row in rows]
    return [(row, name) for row, name in named if name]


def _name(row: QuietException, titles: dict[UUID, str]) -> str:
    if row.person is not None:
        return row.person.name
    if row.place is not None:
        return titles.get(row.place, gettext("A conversation you left"))
    return str(Notification.Kind(row.kind).label)


def _viewer(request: HttpRequest) -> User:
    return cast("User", request.user)


def _marked(request: HttpRequest, kind: str = "") -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"unread_count": unread_count(_viewer(request).pk)})
    return redirect(f"/notifications/?kind={kind}" if kind else INDEX)
