"""Who takes no part in a forum, until when and why; keeping somebody out, and letting them in again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound
from forums.actions.bans import ban_person, lift_ban
from forums.forms.moderation import BanForm, BanNewForm, BansForm, ReasonForm
from forums.models import Ban, Forum, Sweep
from forums.people import person_here
from forums.permissions import Right, Standing, check_right
from forums.views.entry import in_forum
from forums.views.moderation import rules_of
from forums.views.settings_shell import settings_page

PER_PAGE = 50
SWEEPS_SHOWN = 5

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_forum
def forum_bans(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The latest first, and how far the removing of what they wrote is."""
    check_right(standing, Right.PEOPLE)
    given = checked(BansForm(request.GET))
    found = list(_bans(standing.forum, **given)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    onward = {"q": given["q"], "after": shown[-1].pk} if len(found) > PER_PAGE else {}
    is_first = not given["q"] and not given["after"]
    context = {
        "bans": shown,
        "given": given,
        "next": urlencode({name: value for name, value in onward.items() if value}),
        "sweeps": sweeps_of(standing.forum)[:SWEEPS_SHOWN] if is_first else [],
    }
    return settings_page(request, standing, "forums/bans.html", "bans", **context)


@both
@in_forum
def forum_ban_new(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Somebody by their username, also who was never here."""
    check_right(standing, Right.PEOPLE)
    form = BanNewForm(rules_of(standing), request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            person = _named(given.pop("username"))
            if answer := _banned(request, standing, form, person, given):
                return answer
        except NotFound:
            # Whom one may not see is answered like nobody.
            form.add_error("username", gettext("There is nobody with this username."))
    return settings_page(request, standing, "forums/ban.html", "bans", status=status_of(form), form=form)


@both
@in_forum
def forum_person_ban(request: HttpRequest, standing: Standing, username: str) -> HttpResponse:
    """Somebody from their page."""
    check_right(standing, Right.PEOPLE)
    person = person_here(standing, username)
    form = BanForm(rules_of(standing), request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _banned(request, standing, form, person, form.cleaned_data)):
        return answer
    context = {"form": form, "shown": person}
    return settings_page(request, standing, "forums/ban.html", "bans", status=status_of(form), **context)


@both
@in_forum
def forum_ban_lift(request: HttpRequest, standing: Standing, user_id: UUID) -> HttpResponse:
    """Asks why, then lets them take part again."""
    check_right(standing, Right.PEOPLE)
    ban = get_object_or_404(Ban.objects.select_related("user", "actor"), forum=standing.forum, user=user_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, None):
            lift_ban(moderator=viewer_of(request), forum_id=ban.forum_id, person_id=user_id, **form.cleaned_data)
            messages.success(request, gettext("%(name)s can take part again.") % {"name": ban.user.name})
            return redirect("forum_bans", standing.forum.slug)
    context = {"form": form, "ban": ban}
    return settings_page(request, standing, "forums/ban_lift.html", "bans", status=status_of(form), **context)


def sweeps_of(forum: Forum) -> QuerySet[Sweep]:
    return Sweep.objects.filter(forum=forum).select_related("user").order_by("-created_at")


def _banned(
    request: HttpRequest, standing: Standing, form: BanForm, person: User, given: dict[str, Any]
) -> HttpResponse | None:
    """None where it was refused, which the form says."""
    answer = None
    with refusals_beside(form, None):
        ban_person(moderator=viewer_of(request), forum_id=standing.forum.pk, person_id=person.pk, **given)
        messages.success(request, gettext("%(name)s was banned.") % {"name": person.name})
        answer = redirect("forum_bans", standing.forum.slug)
    return answer  # noqa: RET504 -- a refusal leaves it None


def _named(username: str) -> User:
    person = User.objects.filter(username__iexact=username.replace("\0", "")).first()
    if person is None:
        raise NotFound
    return person


def _bans(forum: Forum, q: str, after: UUID | None) -> QuerySet[Ban]:
    """Those that hold."""
    lasts = Q(until=None) | Q(until__gt=timezone.now())
    found = Ban.objects.filter(lasts, forum=forum).select_related("user", "actor").order_by("-created_at", "-pk")
    if words := " ".join(q.replace("\0", "").split()).removeprefix("@"):
        found = found.filter(Q(user__username__icontains=words) | Q(user__display_name__icontains=words))
    last = Ban.objects.filter(forum=forum, pk=after).first() if after else None
    if last is None:
        return found
    return found.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
