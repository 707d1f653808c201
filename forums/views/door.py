"""The door of a forum: joining and leaving, asking to come in, invitations, one's own flair; and what it is about, as a page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.contacts import friends_of
from accounts.models import User
from accounts.permissions import reachable
from accounts.privacy import Way
from chat.forms import PeopleForm
from chat.views.access import checked, people_named, refusals_beside, status_of, viewer_of
from chat.views.membership import picker
from chatter.core.errors import NotFound, Refused
from chatter.core.page_cache import shareable
from forums.actions.coming import ask_to_join, join_forum, leave_forum, may_invite, unsubscribe
from forums.actions.flairs import open_flairs, wear_flair
from forums.actions.invitations import (
    accept_invitation,
    decline_invitation,
    invite_people,
    living_invitations,
    revoke_invitation,
    sent_invitations,
)
from forums.forms.members import AnswerForm, RequestForm, RevokeForm, WearForm
from forums.models import Flair, Forum, Member
from forums.permissions import Standing, check_takes_part
from forums.reading.surroundings import about
from forums.slugs import normal
from forums.views.entry import in_forum
from forums.views.shell import forum_page, forums_page

SENT_SHOWN = 100
FRIENDS_OFFERED = 30
both = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_safe
@shareable
@in_forum
def forum_about(request: HttpRequest, standing: Standing) -> HttpResponse:
    """What stands beside the posts on a desk, with more words: for phones, and to link to."""
    context = {"shown": about(standing.forum), "may_invite": may_invite(standing), "bare": True}
    return render(request, "forums/about.html", forum_page(request, standing, at="about", **context))


@both
@in_forum
def forum_join(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Come into a public forum, or subscribe again; links lead to its posts."""
    if request.method == "POST":
        join_forum(person=viewer_of(request), forum_id=standing.forum.pk)
    return redirect(standing.forum.get_absolute_url())


@both
@in_forum
def forum_leave(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Ask, then go, or stay without the forum's posts on one's home page."""
    forum, person = standing.forum, viewer_of(request)
    if standing.member is None:
        return redirect(forum.get_absolute_url())
    if request.method == "POST" and "unsubscribe" in request.POST:
        unsubscribe(person=person, forum_id=forum.pk)
        messages.success(request, gettext("Its posts are not on your home page any more."))
        return redirect(forum.get_absolute_url())
    if request.method == "POST":
        leave_forum(person=person, forum_id=forum.pk)
        messages.success(request, gettext("You have left “%(forum)s”.") % {"forum": forum.name})
        return redirect(forum.get_absolute_url() if forum.is_public else "forum_directory")
    return render(request, "forums/leave.html", forum_page(request, standing, at="leave"))


@both
def forum_request(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask to be let into a private forum, knowing nothing but its address. What is answered is the same wherever it leads."""
    person = viewer_of(request)
    if person.is_guest:
        return redirect("guest_claim")
    address = normal(slug)[:60]
    seen = Forum.objects.alive().filter(slug=address)
    if seen.filter(is_public=True).exists() or seen.filter(members__user=person).exists():
        return redirect("forum", address)
    form = RequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "text"):
            ask_to_join(person=person, slug=address, text=form.cleaned_data["text"])
            messages.success(request, gettext("If there is such a forum, those who look after it read your words."))
            return redirect("forum_directory")
    context = forums_page(request, form=form, address=address)
    return render(request, "forums/request.html", context, status=status_of(form))


@both
def forum_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """What one is invited to, and the answer."""
    person = viewer_of(request)
    invitation = living_invitations(person).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, None):
            return _answered(request, person, invitation_id, form.cleaned_data["answer"])
    context = forums_page(request, form=form, invitation=invitation, shown=about(invitation.forum))
    return render(request, "forums/invitation.html", context, status=status_of(form))


def _answered(request: HttpRequest, person: User, invitation_id: UUID, answer: str) -> HttpResponse:
    if answer == "accept":
        return redirect(accept_invitation(person=person, invitation_id=invitation_id).get_absolute_url())
    decline_invitation(person=person, invitation_id=invitation_id)
    messages.success(request, gettext("The invitation is declined. Nobody is told."))
    return redirect("forum_directory")


@both
@in_forum
def forum_invite(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Ask people one knows into the forum; below, whom one asked already."""
    viewer = viewer_of(request)
    check_takes_part(standing)
    if not may_invite(standing):
        raise Refused("forbidden", gettext("You cannot invite people into this forum."))
    form = PeopleForm(request.POST if request.method == "POST" else request.GET)
    chosen = people_named(viewer, form.members_given())
    if form.is_valid() and request.method == "POST" and "search" not in request.POST:
        with refusals_beside(form, "q"):
            return _revoked(request, standing) if "revoke" in request.POST else _sent(request, standing, chosen)
    context = picker(viewer, form, chosen) | {"form": form, "sent": sent_invitations(standing)[:SENT_SHOWN]}
    if not context["words"]:
        context["found"] = _friends_outside(viewer, standing.forum, chosen)
    page = forum_page(request, standing, at="invite", **context)
    return render(request, "forums/invite.html", page, status=status_of(form))


def _sent(request: HttpRequest, standing: Standing, chosen: list[User]) -> HttpResponse:
    if not chosen:
        raise Refused("invalid", gettext("Choose at least one person."))
    count = invite_people(actor=viewer_of(request), forum_id=standing.forum.pk, people=chosen)
    words = ngettext("%(count)d person was invited.", "%(count)d people were invited.", count) % {"count": count}
    messages.success(request, words if count else gettext("They are members, or were invited already."))
    return redirect("forum_invite", standing.forum.slug)


def _revoked(request: HttpRequest, standing: Standing) -> HttpResponse:
    key = checked(RevokeForm(request.POST))["revoke"]
    revoke_invitation(actor=viewer_of(request), forum_id=standing.forum.pk, invitation_id=key)
    messages.success(request, gettext("The invitation is taken back."))
    return redirect("forum_invite", standing.forum.slug)


def _friends_outside(viewer: User, forum: Forum, chosen: list[User]) -> list[User]:
    """Friends who are not in the forum and let themselves be invited, by name."""
    keys = set(friends_of(viewer.pk)) - {person.pk for person in chosen}
    keys -= set(Member.objects.filter(forum=forum, user__in=keys).values_list("user_id", flat=True))
    keys &= reachable(viewer.pk, keys, Way.INVITE)
    people = User.objects.reachable().filter(pk__in=keys).order_by("username")[:FRIENDS_OFFERED]
    return sorted(people, key=lambda person: person.name.casefold())


@both
@in_forum
def forum_my_flair(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Choose what stands beside one's name here."""
    viewer = viewer_of(request)
    check_takes_part(standing)
    if standing.member is None:
        raise NotFound
    flairs = open_flairs(standing, Flair.Kind.MEMBER)
    worn = str(standing.member.flair_id or "")
    form = WearForm(request.POST if request.method == "POST" else None, flairs=flairs, initial={"flair": worn})
    if form.is_valid():
        with refusals_beside(form, "flair"):
            chosen = form.cleaned_data["flair"]
            wear_flair(actor=viewer, forum_id=standing.forum.pk, flair_id=UUID(chosen) if chosen else None)
            messages.success(request, gettext("Saved."))
            return redirect(standing.forum.get_absolute_url())
    page = forum_page(request, standing, at="flair", form=form, flairs=flairs)
    return render(request, "forums/my_flair.html", page, status=status_of(form))
