"""The door of a group: what an invitation shows to whoever holds it, coming in by it, and making, sending and ending them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.adapter import client_address
from accounts.contacts import friends_of
from accounts.models import User
from accounts.onward import forget_onward, keep_onward
from accounts.permissions import reachable, visible_people
from accounts.privacy import Way
from chat.forms import PeopleForm
from chat.models import Membership
from chat.views.access import checked, people_named, refusals_beside, status_of, viewer_of
from chat.views.membership import picker
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from groups.actions.invites import (
    living_invite,
    make_invite,
    own_or_managed,
    redeem_invite,
    revoke_invite,
    send_invites,
)
from groups.forms.door import InviteForm, PageForm
from groups.models import Channel, Invite, InviteUse, Member
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell

PAGE = 50
FRIENDS_OFFERED = 30
# Looks at invitations in a minute: of one person, and from one address, behind which many may sit.
TRIES_OF_ONE = 30
TRIES_FROM_ADDRESS = 300


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """What stands behind a code, for everybody who has it; and the way in. Whatever does not let in gets one answer."""
    _count_try(request)
    answer = _preview(request, code) if request.method != "POST" else _redeemed(request, code)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _preview(request: HttpRequest, code: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    found = living_invite(code)
    if found is None:
        return _over(request)
    person = request.user if isinstance(request.user, User) else None
    is_in = person is not None and Member.objects.filter(group=found.group, user=person).exists()
    context = {"invite": found, "group": found.group, "is_in": is_in, "refusal": refusal}
    context["inviter"] = _shown_inviter(found, person)
    context["onward"] = urlencode({"next": request.path})
    answer = render(request, "groups/invite.html", context, status=status)
    if person is None or person.is_guest:
        keep_onward(answer, request.path)
    elif is_in:
        forget_onward(request, answer)
    return answer


def _redeemed(request: HttpRequest, code: str) -> HttpResponse:
    if not isinstance(request.user, User):
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    try:
        used = redeem_invite(person=request.user, code=code)
    except NotFound:
        return _over(request)
    except Refused as refusal:
        return _preview(request, code, refusal=str(refusal), status=refusal.status)
    answer = redirect(_landing(used, request.user))
    forget_onward(request, answer)
    return answer


def _over(request: HttpRequest) -> HttpResponse:
    """Unknown, expired, revoked, used up, of a group that is gone: nobody learns which."""
    answer = render(request, "groups/invite_over.html", status=404)
    forget_onward(request, answer)
    return answer


def _landing(used: Invite, person: User) -> str:
    """The channel it leads to, where the person reads it; else the group."""
    if used.channel is not None and used.channel.deleted_at is None:
        rows = Membership.objects.active().filter(user=person, conversation=used.channel.conversation_id)
        if rows.exists():
            return reverse("conversation", args=[used.channel.conversation_id])
    return reverse("group", args=[used.group_id])


def _shown_inviter(found: Invite, person: User | None) -> User | None:
    """Who invites, as far as the person may be shown them."""
    creator = found.creator
    if creator is None or creator.deleted_at is not None:
        return None
    if person is None or person.is_guest or person == creator:
        return creator
    return creator if visible_people(person).filter(pk=creator.pk).exists() else None


def _count_try(request: HttpRequest) -> None:
    """Codes cannot be guessed, and are not tried in masses. Raises Refused, before anything is looked up."""
    check_limit("invite_address", client_address(request), limit=TRIES_FROM_ADDRESS, seconds=60)
    if isinstance(request.user, User):
        check_limit("invite_person", request.user.pk, limit=TRIES_OF_ONE, seconds=60)


@require_http_methods(["GET", "HEAD", "POST"])
def group_invites(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The invitations one made, or, for who manages the group, all of them; and a form for a new one."""
    viewer = viewer_of(request)
    standing = visible_group(viewer, group_id)
    check_right(standing, Right.INVITE | Right.MANAGE_GROUP)
    form = InviteForm(request.POST if request.method == "POST" else None, channels=_read_channels(viewer, group_id))
    if form.is_valid():
        with refusals_beside(form, None):
            made = make_invite(creator=viewer, group_id=group_id, **form.wishes())
            messages.success(request, gettext("The invitation works from now on."))
            return redirect(f"{reverse('group_invites', args=[group_id])}#i-{made.code}")
    given = checked(PageForm(request.GET))
    context = _listed(standing, given) | {"form": form, "can_invite": standing.can(Right.INVITE)}
    page = settings_shell(request, standing, at="invites", **context)
    return render(request, "groups/invites.html", page, status=status_of(form))


@require_safe
def group_invite_uses(request: HttpRequest, group_id: UUID, invite_id: UUID) -> HttpResponse:
    """Who came by an invitation, the newest first."""
    standing = visible_group(viewer_of(request), group_id)
    found = own_or_managed(standing, invite_id)
    after = checked(PageForm(request.GET))["after"]
    uses = InviteUse.objects.filter(invite=found).select_related("user").order_by("-pk")
    if after.isdecimal():
        uses = uses.filter(pk__lt=min(int(after), 2**62))
    rows = list(uses[: PAGE + 1])
    context = {"invite": found, "uses": rows[:PAGE], "next": rows[PAGE - 1].pk if len(rows) > PAGE else ""}
    return render(request, "groups/invite_uses.html", settings_shell(request, standing, at="invites", **context))


@require_POST
def group_invite_revoke(request: HttpRequest, group_id: UUID, invite_id: UUID) -> HttpResponse:
    revoke_invite(actor=viewer_of(request), group_id=group_id, invite_id=invite_id)
    messages.success(request, gettext("The invitation does not work any more."))
    return redirect("group_invites", group_id)


@require_http_methods(["GET", "HEAD", "POST"])
def group_invite(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The quick way: a link to pass on, and people one knows to tell of it."""
    viewer = viewer_of(request)
    standing = visible_group(viewer, group_id)
    check_right(standing, Right.INVITE)
    form = PeopleForm(request.POST if request.method == "POST" else request.GET)
    chosen = people_named(viewer, form.members_given())
    if form.is_valid() and request.method == "POST" and "search" not in request.POST:
        with refusals_beside(form, "q"):
            return _link_made(viewer, group_id) if "link" in request.POST else _sent(request, group_id, chosen)
    context = {"group": standing.group, "form": form, "link": _own_link(viewer, group_id)}
    context |= picker(viewer, form, chosen)
    if not context["words"]:
        context["found"] = _friends_outside(viewer, group_id, chosen)
    return render(request, "groups/invite_people.html", context, status=status_of(form))


def _link_made(viewer: User, group_id: UUID) -> HttpResponse:
    make_invite(creator=viewer, group_id=group_id)
    return redirect("group_invite", group_id)


def _sent(request: HttpRequest, group_id: UUID, chosen: list[User]) -> HttpResponse:
    if not chosen:
        raise Refused("invalid", gettext("Choose at least one person."))
    count = send_invites(actor=viewer_of(request), group_id=group_id, people=chosen)
    words = ngettext("%(count)d person was invited.", "%(count)d people were invited.", count) % {"count": count}
    messages.success(request, words if count else gettext("They are members, or were invited lately."))
    return redirect("group_invite", group_id)


def _own_link(viewer: User, group_id: UUID) -> Invite | None:
    """The newest of one's living invitations that anybody may use."""
    living = Invite.objects.living().filter(group=group_id, creator=viewer, max_uses=None)
    return living.order_by("-created_at").first()


def _friends_outside(viewer: User, group_id: UUID, chosen: list[User]) -> list[User]:
    """Friends who are not in the group and let themselves be invited, by name."""
    keys = set(friends_of(viewer.pk)) - {person.pk for person in chosen}
    keys -= set(Member.objects.filter(group=group_id, user__in=keys).values_list("user_id", flat=True))
    keys &= reachable(viewer.pk, keys, Way.INVITE)
    people = User.objects.reachable().filter(pk__in=keys).order_by("username")[:FRIENDS_OFFERED]
    return sorted(people, key=lambda person: person.name.casefold())


def _read_channels(viewer: User, group_id: UUID) -> list[tuple[UUID, str]]:
    """The channels that the viewer reads, in the group's order."""
    rows: QuerySet[Channel] = Channel.objects.alive().filter(
        group=group_id, conversation__memberships__user=viewer, conversation__memberships__left_at=None
    )
    return list(rows.order_by("category__position", "position", "pk").values_list("pk", "conversation__title"))


def _listed(standing: Standing, given: dict[str, Any]) -> dict[str, Any]:
    """A page of invitations, the newest first: the living ones, or those that ended."""
    living = Invite.objects.living().filter(group=standing.group)
    rows = Invite.objects.filter(group=standing.group).exclude(pk__in=living) if given["show"] else living
    manages = standing.can(Right.MANAGE_GROUP)
    if not manages:
        rows = rows.filter(creator=standing.member.user_id)
    # By its id: an address is written down in many places, and the code lets people in.
    if given["after"] and (last := _own_row(rows, given["after"])):
        rows = rows.filter(created_at__lt=last.created_at)
    # Where one leads is told to who reads there.
    reads = Membership.objects.active().filter(
        conversation=OuterRef("channel__conversation"), user=standing.member.user_id
    )
    rows = (
        rows.annotate(is_read=Exists(reads)).select_related("creator", "channel__conversation").order_by("-created_at")
    )
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else ""
    return {"invites": found[:PAGE], "next": more, "show": given["show"], "manages": manages}


def _own_row(rows: QuerySet[Invite], key: str) -> Invite | None:
    """That one of the rows; None for what is no id of them."""
    try:
        return rows.filter(pk=UUID(key)).first()
    except ValueError:
        return None
