"""The people of a forum: who is in, one of them, who looks after it, who asks to come in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.addresses import address
from chatter.core.errors import NotFound, Refused
from forums.actions.coming import decide_request, pending_requests, put_out_member
from forums.actions.flairs import open_flairs, wear_flair
from forums.actions.moderators import appoint_moderator, change_moderator, moderators_of, resign
from forums.forms.members import DecisionForm, MembersForm, PutOutForm, RightsForm, WearForm
from forums.member_list import members_page
from forums.models import Flair, JoinRequest, Member
from forums.permissions import Right, Standing, check_above, check_right
from forums.views.entry import in_forum
from forums.views.settings_shell import check_moderates, settings_page
from forums.wording import rights_in_words

REQUESTS_SHOWN = 100
both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_forum
def forum_members(request: HttpRequest, standing: Standing) -> HttpResponse:
    """A page of them; scripts ask for the list alone. Of a private forum its members see it, of a public one its moderators."""
    _check_sees_members(standing)
    given = checked(MembersForm(request.GET))
    asked: dict[str, Any] = {"words": given["q"], "moderate": given["show"] == "moderators"}
    found, after = members_page(standing.forum, **asked, after=given["after"])
    onward = {"q": given["q"], "show": given["show"], "after": after}
    context: dict[str, Any] = {
        "members": [(member, rights_in_words(member.permissions)) for member in found],
        "next": urlencode({name: value for name, value in onward.items() if value}) if after else "",
        "given": given,
        "is_filtered": bool(given["q"] or given["show"]),
    }
    if request.headers.get("X-Fragment") == "members":
        return render(request, "forums/_members.html", context | {"forum": standing.forum, "standing": standing})
    return settings_page(request, standing, "forums/members.html", "members", **context)


@require_safe
@in_forum
def forum_member(request: HttpRequest, standing: Standing, user_id: UUID) -> HttpResponse:
    """What they are here, and what the reader may do about it."""
    return _member_page(request, standing, user_id)


@require_POST
@in_forum
def forum_member_flair(request: HttpRequest, standing: Standing, user_id: UUID) -> HttpResponse:
    """Give a member a flair, or take it."""
    check_moderates(standing)
    check_right(standing, Right.PEOPLE)
    form = WearForm(request.POST, flairs=open_flairs(standing, Flair.Kind.MEMBER))
    if form.is_valid():
        with refusals_beside(form, "flair"):
            key = form.cleaned_data["flair"]
            deed: dict[str, Any] = {
                "forum_id": standing.forum.pk,
                "flair_id": UUID(key) if key else None,
                "person_id": user_id,
            }
            wear_flair(actor=viewer_of(request), **deed)
            messages.success(request, gettext("Saved."))
            return redirect("forum_member", standing.forum.slug, user_id)
    return _member_page(request, standing, user_id, flair_form=form)


@both
@in_forum
def forum_member_out(request: HttpRequest, standing: Standing, user_id: UUID) -> HttpResponse:
    """Asks why, then puts the member out."""
    check_moderates(standing)
    check_right(standing, Right.PEOPLE)
    member = _member(standing, user_id)
    form = PutOutForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, None):
            key, reason = standing.forum.pk, form.cleaned_data["reason"]
            put_out_member(actor=viewer_of(request), forum_id=key, person_id=user_id, reason=reason)
            messages.success(request, gettext("%(name)s was put out.") % {"name": member.user.name})
            return redirect("forum_members", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "member": member}
    return settings_page(request, standing, "forums/member_out.html", "members", status=status_of(form), **context)


@require_safe
@in_forum
def forum_moderators(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Who looks after the forum, with their rights."""
    check_moderates(standing)
    rows = [(member, rights_in_words(member.permissions)) for member in moderators_of(standing.forum)]
    may_appoint = standing.can(Right.MODERATORS)
    context: dict[str, Any] = {"rows": rows, "may_appoint": may_appoint, "me": standing.person}
    return settings_page(request, standing, "forums/moderators.html", "moderators", **context)


@both
@in_forum
def forum_moderator(request: HttpRequest, standing: Standing, user_id: UUID) -> HttpResponse:
    """The rights of one member: given, changed, taken."""
    check_moderates(standing)
    check_right(standing, Right.MODERATORS)
    member = _member(standing, user_id)
    form = RightsForm(request.POST if request.method == "POST" else None, standing=standing, shown=member.permissions)
    if form.is_valid():
        with refusals_beside(form, None):
            _rights_set(request, standing, member, form)
            messages.success(request, gettext("Saved."))
            return redirect("forum_moderators", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "member": member}
    return settings_page(request, standing, "forums/moderator.html", "moderators", status=status_of(form), **context)


def _rights_set(request: HttpRequest, standing: Standing, member: Member, form: RightsForm) -> None:
    deed: dict[str, Any] = {"actor": viewer_of(request), "forum_id": standing.forum.pk, "person_id": member.user_id}
    if member.permissions:
        change_moderator(**deed, grant=form.granted(), withdraw=form.withdrawn())
    else:
        appoint_moderator(**deed, permissions=form.granted())


@require_POST
@in_forum
def forum_resign(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Give one's rights back."""
    resign(person=viewer_of(request), forum_id=standing.forum.pk)
    messages.success(request, gettext("You are a member like others now."))
    return redirect(standing.forum.get_absolute_url())


@both
@in_forum
def forum_requests(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Who asks to come in, the first to ask on top; letting in or not."""
    check_moderates(standing)
    check_right(standing, Right.PEOPLE)
    if request.method == "POST":
        given = checked(DecisionForm(request.POST))
        key = given["accept"] or given["decline"]
        decided = decide_request(
            actor=viewer_of(request), forum_id=standing.forum.pk, request_id=key, accept=bool(given["accept"])
        )
        messages.success(request, _decided_words(decided))
        return redirect("forum_requests", standing.forum.slug)
    waiting = pending_requests(standing.forum).order_by("created_at")[:REQUESTS_SHOWN]
    past = JoinRequest.objects.filter(forum=standing.forum).exclude(state=JoinRequest.State.PENDING)
    context: dict[str, Any] = {
        "waiting": waiting,
        "past": past.select_related("user", "decided_by").order_by("-decided_at")[:20],
    }
    return settings_page(request, standing, "forums/requests.html", "requests", **context)


def _decided_words(request: JoinRequest) -> str:
    is_in = request.state == JoinRequest.State.ACCEPTED
    words = gettext("%(name)s is in now.") if is_in else gettext("%(name)s was not let in.")
    return words % {"name": request.user.name}


def _member_page(request: HttpRequest, standing: Standing, user_id: UUID, **more: object) -> HttpResponse:
    _check_sees_members(standing)
    member = _member(standing, user_id)
    is_own = member.user_id == standing.person.pk if standing.person else False
    may_act = standing.can(Right.PEOPLE) and not is_own and _is_below(standing, member)
    flairs = open_flairs(standing, Flair.Kind.MEMBER) if may_act else []
    context: dict[str, Any] = {
        "member": member,
        "rights": rights_in_words(member.permissions),
        "person_url": address("forum_person", standing.forum.slug, member.user.username),
        "is_own": is_own,
        "may_act": may_act,
        "may_appoint": standing.can(Right.MODERATORS) and not is_own and _is_below(standing, member),
        "flair_form": WearForm(flairs=flairs, initial={"flair": str(member.flair_id or "")}) if flairs else None,
        **more,
    }
    return settings_page(request, standing, "forums/member.html", "members", **context)


def _is_below(standing: Standing, member: Member) -> bool:
    try:
        check_above(standing, member, member.user_id)
    except Refused:
        return False
    return True


def _member(standing: Standing, user_id: UUID) -> Member:
    """Raises NotFound."""
    rows = Member.objects.filter(forum=standing.forum, user=user_id).select_related("user", "flair", "invited_by")
    member = rows.first()
    if member is None:
        raise NotFound
    return member


def _check_sees_members(standing: Standing) -> None:
    if not standing.is_moderator and (standing.forum.is_public or standing.member is None):
        raise NotFound
