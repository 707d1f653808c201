"""The roles of a group: in order of rank, each with what it may and who holds it; and the roles of one member."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.asking import wants_json
from chatter.core.errors import NotFound, Refused
from chatter.core.hues import HUES
from groups import holding
from groups.actions.holders import change_roles_of, give_role, take_role
from groups.actions.roles import ROLES_MAX, change_role, create_role, delete_role, move_role, nudge_role, role_of
from groups.forms.roles import HoldersForm, MemberRolesForm, OrderForm, RoleForm
from groups.models import Member, Role
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def roles(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """All of them, highest first; scripts ask for the list alone."""
    standing = _manager(request, group_id)
    rows = holding.role_rows(standing)
    context: dict[str, Any] = {"rows": rows, "has_room": len(rows) <= ROLES_MAX, "most": ROLES_MAX}
    if request.headers.get("X-Fragment") == "roles":
        return render(request, "groups/_roles.html", context | {"group": standing.group})
    return _page(request, standing, "groups/roles.html", **context)


@require_POST
def order(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """One role, elsewhere in the order."""
    wish = checked(OrderForm(request.POST))
    key = wish["up"] or wish["down"] or wish["role"]
    place: dict[str, Any] = {"actor": viewer_of(request), "group_id": group_id, "role_id": key}
    if wish["role"]:
        move_role(**place, over=wish["over"])
    else:
        nudge_role(**place, up=wish["up"] is not None)
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(f"{reverse('group_roles', args=[group_id])}#role-{key}")


@both
def new(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A form for a role that is not there yet."""
    standing = _manager(request, group_id)
    form = RoleForm(_sent(request), standing=standing)
    if form.is_valid():
        with refusals_beside(form, "name"):
            looks, bits = form.looks(), form.granted()
            made = create_role(actor=viewer_of(request), group_id=group_id, permissions=bits, **looks)
            messages.success(request, gettext("The role “%(name)s” was created.") % {"name": made.name})
            return redirect("group_role", group_id, made.pk)
    return _page(request, standing, "groups/role_new.html", form=form)


@both
def role(request: HttpRequest, group_id: UUID, role_id: UUID) -> HttpResponse:
    """How a role is; who stands above it changes it."""
    standing, found = _role(request, group_id, role_id)
    form = RoleForm(_sent(request), standing=standing, role=found)
    if form.is_valid():
        with refusals_beside(form, None):
            place: dict[str, Any] = {"actor": viewer_of(request), "group_id": group_id, "role_id": role_id}
            change_role(**place, grant=form.granted(), withdraw=form.withdrawn(), **form.looks())
            messages.success(request, gettext("Saved."))
            return redirect("group_role", group_id, role_id)
    return _role_page(request, standing, found, "groups/role.html", form=form, tab="role")


@both
def delete(request: HttpRequest, group_id: UUID, role_id: UUID) -> HttpResponse:
    """Asks first, then deletes the role."""
    standing, found = _role(request, group_id, role_id)
    if request.method == "POST":
        delete_role(actor=viewer_of(request), group_id=group_id, role_id=role_id)
        messages.success(request, gettext("The role “%(name)s” was deleted.") % {"name": found.name})
        return redirect("group_roles", group_id)
    return _role_page(request, standing, found, "groups/role_delete.html")


@both
def holders(request: HttpRequest, group_id: UUID, role_id: UUID) -> HttpResponse:
    """Who holds the role; one is looked for and added, or it is taken from one."""
    standing, found = _role(request, group_id, role_id)
    if found.is_everyone:
        return redirect("group_role", group_id, role_id)
    form = HoldersForm(request.POST if request.method == "POST" else request.GET)
    given = dict(checked(form))
    if wants_json(request):
        people = [_face(member) for member in holding.members_to_give(standing, found, given["q"])]
        return JsonResponse({"people": people})
    chosen = holding.members_named(standing, form.members_given())
    if request.method == "POST" and "search" not in request.POST:
        with refusals_beside(form, "q"):
            return _handed(request, standing, found, given["take"], [person.pk for person in chosen])
    context = _holders(standing, found, given) | {"form": form, "chosen": chosen}
    context["candidates"] = [member for member in context["candidates"] if member.user not in chosen]
    return _role_page(request, standing, found, "groups/role_holders.html", tab="holders", **context)


@both
def member_roles(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    """Which roles a member holds."""
    standing = _manager(request, group_id)
    member = holding.member_in(standing, user_id)
    if member is None:
        raise NotFound
    form = MemberRolesForm(_sent(request))
    if request.method == "POST":
        chosen, seen = (checked(form)[field] for field in ("roles", "seen"))
        with refusals_beside(form, None):
            whom: dict[str, Any] = {"actor": viewer_of(request), "group_id": group_id, "person_id": user_id}
            change_roles_of(**whom, give=chosen - seen, take=seen - chosen)
            messages.success(request, gettext("Saved."))
            return redirect("group_member_roles", group_id, user_id)
    choices = holding.role_choices(standing, member)
    context = {"member": member, "choices": choices, "is_open": any(choice.is_open for choice in choices)}
    return _page(request, standing, "groups/role_member.html", at="members", form=form, **context)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _manager(request: HttpRequest, group_id: UUID) -> Standing:
    standing = visible_group(viewer_of(request), group_id)
    check_right(standing, Right.MANAGE_ROLES)
    return standing


def _role(request: HttpRequest, group_id: UUID, role_id: UUID) -> tuple[Standing, Role]:
    standing = _manager(request, group_id)
    return standing, role_of(standing.group, role_id)


def _handed(
    request: HttpRequest, standing: Standing, found: Role, take: UUID | None, people: list[UUID]
) -> HttpResponse:
    place: dict[str, Any] = {"actor": viewer_of(request), "group_id": standing.group.pk, "role_id": found.pk}
    if take is not None:
        take_role(**place, person_id=take)
        messages.success(request, gettext("The role was taken away."))
    elif people:
        count = give_role(**place, people=people)
        words = ngettext("%(count)d member was given the role.", "%(count)d members were given the role.", count)
        messages.success(request, words % {"count": count})
    else:
        raise Refused("invalid", gettext("Choose at least one person."))
    return redirect("group_role_holders", standing.group.pk, found.pk)


def _holders(standing: Standing, found: Role, given: dict[str, Any]) -> dict[str, Any]:
    """A page of who holds the role, and whom the words of the search find."""
    held = holding.holders_of(found, after=given["after"])
    has_more = len(held) > holding.PER_PAGE
    return {
        "words": given["q"],
        "candidates": holding.members_to_give(standing, found, given["q"]),
        "held": held[: holding.PER_PAGE],
        "next": held[holding.PER_PAGE - 1].pk if has_more else None,
        "may_hand": holding.may_hand(standing, found),
    }


def _face(member: Member) -> dict[str, Any]:
    """What completion shows of a member."""
    user = member.user
    avatar = {"hue": user.hue, "initials": user.initials, "avatar": user.avatar_url}
    return {"id": str(user.pk), "username": user.username, "name": member.nickname or user.name, **avatar}


def _role_page(request: HttpRequest, standing: Standing, found: Role, template: str, **context: Any) -> HttpResponse:
    context |= {
        "role": found,
        "colour": HUES[found.hue] if found.hue is not None else "",
        "is_below": standing.rank > found.position,
        "holder_count": standing.group.member_count if found.is_everyone else found.held.count(),
    }
    return _page(request, standing, template, **context)


def _page(
    request: HttpRequest, standing: Standing, template: str, *, at: str = "roles", form: Any = None, **context: Any
) -> HttpResponse:
    shell = settings_shell(request, standing, at=at, form=form, **context)
    return render(request, template, shell, status=status_of(form) if request.method == "POST" else 200)
