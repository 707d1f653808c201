"""Who may what, and why: for members about themselves, for who manages roles about everybody, and as a role sees the group."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.views.access import checked, viewer_of
from chatter.core.errors import NotFound
from groups.forms.why import AsRoleForm, WhyForm
from groups.models import Member, Role
from groups.permissions import IN_CHANNELS, Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell
from groups.why import Place, Subject, bits_in, explain, places_seen, somebody_with, subject_of
from groups.wording import RIGHTS, Words

FOUND_MAX = 8


@dataclass(frozen=True)
class Verdict:
    """A line of the list of rights."""

    key: str
    name: Words
    can: bool


@dataclass(frozen=True)
class Seen:
    """A channel as somebody sees it, and what they may do there."""

    place: Place
    is_seen: bool
    verdicts: list[Verdict]


@require_safe
def why(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """One member in one place: every right, and the steps that lead to the one asked about."""
    standing = visible_group(viewer_of(request), group_id)
    if "as" in request.GET:
        return _as_role(request, standing)
    places = places_seen(standing.group, standing.member.user_id)
    form = WhyForm(request.GET)
    asked = checked(form)
    form.offer(places)
    member, candidates = _meant(standing, asked["member"])
    place = _among(places, asked["channel"])
    context = {"form": form, "member": member, "candidates": candidates, "place": place, "right": asked["right"]}
    if member is not None:
        subject = subject_of(standing.group, member)
        context["sections"] = _sections(subject, place)
        context["answer"] = explain(subject, asked["right"], place) if asked["right"] else None
    return _page(request, standing, "groups/why.html", **context)


def _as_role(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The channels as somebody has them who holds these roles and nothing else."""
    check_right(standing, Right.MANAGE_ROLES)
    roles = Role.objects.filter(group=standing.group).order_by("-position")
    chosen = {
        role.pk for role in checked(AsRoleForm([key for key in request.GET.getlist("as") if key], roles))["roles"]
    }
    subject = somebody_with([role for role in roles if role.is_everyone or role.pk in chosen])
    seen = [_seen(subject, place) for place in places_seen(standing.group, standing.member.user_id)]
    offered = [(role, role.pk in chosen) for role in roles if not role.is_everyone]
    in_group = [right for _section, rights in RIGHTS for right in rights if subject.base & right[0] & ~IN_CHANNELS]
    context = {"seen": seen, "offered": offered, "group_rights": _verdicts(subject.base, in_group)}
    return _page(request, standing, "groups/why_role.html", **context)


def _page(request: HttpRequest, standing: Standing, template: str, **context: object) -> HttpResponse:
    manages = standing.can(Right.MANAGE_ROLES)
    return render(request, template, settings_shell(request, standing, at="why", manages=manages, **context))


def _meant(standing: Standing, said: str) -> tuple[Member | None, list[Member]]:
    """The member who is meant, or those who might be. Who does not manage roles asks about themselves alone."""
    words, me = said.strip().removeprefix("@"), standing.member
    if not words or words.casefold() == me.user.username.casefold():
        return me, []
    check_right(standing, Right.MANAGE_ROLES)
    named = Q(nickname__icontains=words) | Q(user__username__icontains=words) | Q(user__display_name__icontains=words)
    members = Member.objects.filter(group=standing.group).select_related("user")
    exact = members.filter(user__username__iexact=words).first()
    if exact is not None:
        return exact, []
    found = list(members.filter(named).order_by("user__username")[:FOUND_MAX])
    return (found[0], []) if len(found) == 1 else (None, found)


def _among(places: list[Place], key: UUID | None) -> Place | None:
    """Raises NotFound for a channel that the reader does not see."""
    if key is None:
        return None
    for place in places:
        if place.channel.pk == key:
            return place
    raise NotFound


def _sections(subject: Subject, place: Place | None) -> list[tuple[Words, list[Verdict]]]:
    """Every right of the group, or those that channels know."""
    bits = subject.base if place is None else bits_in(subject, place)
    listed = [
        (section, [right for right in rights if place is None or right[0] & IN_CHANNELS]) for section, rights in RIGHTS
    ]
    return [(section, _verdicts(bits, rights)) for section, rights in listed if rights]


def _verdicts(bits: Right, rights: list[tuple[Right, Words, Words]]) -> list[Verdict]:
    return [Verdict(str(right.name), name, bool(bits & right)) for right, name, _words in rights]


def _seen(subject: Subject, place: Place) -> Seen:
    bits = bits_in(subject, place)
    known = [
        right for _section, rights in RIGHTS for right in rights if right[0] & IN_CHANNELS and right[0] != Right.VIEW
    ]
    return Seen(place, bool(bits & Right.VIEW), _verdicts(bits, known))
