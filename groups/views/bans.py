"""Who is kept out of a group, until when and why; keeping somebody out, and letting them in again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound, Refused
from groups.actions.moderation import ban_person, lift_ban
from groups.forms.members import BanNewForm, BansForm, ReasonForm
from groups.models import Ban, Group, Purge
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell

PER_PAGE = 50
PURGES_SHOWN = 5

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def bans(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The latest first, and how far the deleting of messages is."""
    standing = _banner(request, group_id)
    given = checked(BansForm(request.GET))
    found = list(_bans(standing.group, **given)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    onward = {"q": given["q"], "after": shown[-1].pk} if len(found) > PER_PAGE else {}
    is_first = not given["q"] and not given["after"]
    latest = Purge.objects.filter(group=standing.group).select_related("user").order_by("-created_at")
    context = {
        "bans": shown,
        "given": given,
        "next": urlencode({name: value for name, value in onward.items() if value}),
        "purges": list(latest[:PURGES_SHOWN]) if is_first else [],
    }
    return _page(request, standing, "groups/bans.html", **context)


@both
def ban_new(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Somebody by their username: a member, or who shall not become one."""
    standing = _banner(request, group_id)
    form = BanNewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            person = _named(given.pop("username"))
            with refusals_beside(form, None):
                ban_person(actor=viewer_of(request), group_id=group_id, person_id=person.pk, **given)
                messages.success(request, gettext("%(name)s was banned.") % {"name": person.name})
                return redirect("group_bans", group_id)
        except NotFound:
            # Whom one may not see is answered like nobody.
            form.add_error("username", gettext("There is nobody with this username."))
    return _page(request, standing, "groups/ban.html", form=form, status=status_of(form))


@both
def ban_lift(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    """Asks why, then lets them come in again."""
    standing = _banner(request, group_id)
    ban = get_object_or_404(Ban.objects.select_related("user", "actor"), group=standing.group, user=user_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, None):
            lift_ban(actor=viewer_of(request), group_id=group_id, person_id=user_id, **form.cleaned_data)
            messages.success(request, gettext("%(name)s can come in again.") % {"name": ban.user.name})
            return redirect("group_bans", group_id)
    return _page(request, standing, "groups/ban_lift.html", form=form, ban=ban, status=status_of(form))


def _banner(request: HttpRequest, group_id: UUID) -> Standing:
    standing = visible_group(viewer_of(request), group_id)
    check_right(standing, Right.BAN)
    return standing


def _bans(group: Group, q: str, after: UUID | None) -> QuerySet[Ban]:
    """Those that hold."""
    lasts = Q(until=None) | Q(until__gt=timezone.now())
    found = Ban.objects.filter(lasts, group=group).select_related("user", "actor").order_by("-created_at", "-pk")
    if words := " ".join(q.replace("\0", "").split()).removeprefix("@"):
        found = found.filter(Q(user__username__icontains=words) | Q(user__display_name__icontains=words))
    last = Ban.objects.filter(group=group, pk=after).first() if after else None
    if last is None:
        return found
    return found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))


def _named(username: str) -> User:
    person = User.objects.reachable().filter(username__iexact=username.replace("\0", "")).first()
    if person is None:
        raise NotFound
    if person.is_guest:
        raise Refused("invalid", gettext("Guests cannot come into groups."))
    return person


def _page(
    request: HttpRequest, standing: Standing, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, template, settings_shell(request, standing, at="bans", **context), status=status)
