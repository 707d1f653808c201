"""One deed for several members at once: who is chosen on the list, asked once more, told one by one where it was refused."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from chat.views.access import checked, status_of, viewer_of
from chatter.core.errors import Refused
from groups.actions.holders import give_role
from groups.actions.moderation import kick_member, time_out_member
from groups.forms.members import TOGETHER_MAX, GiveRoleForm, ReasonForm, TimeOutForm, TogetherForm
from groups.holding import may_hand
from groups.member_list import MemberLine, lines_of
from groups.models import Member, Role
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell

RIGHTS = {TogetherForm.KICK: Right.KICK, TogetherForm.TIME_OUT: Right.TIME_OUT, TogetherForm.ROLE: Right.MANAGE_ROLES}


@require_POST
def together(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """First asks (why, how long, which role), then does it for each whom it is allowed for."""
    standing = visible_group(viewer_of(request), group_id)
    wish = TogetherForm(request.POST)
    deed, sure = (checked(wish)[name] for name in ("deed", "sure"))
    check_right(standing, RIGHTS[deed])
    lines = _chosen(standing, wish.people())
    form = _form_of(standing, deed, request.POST if sure else None)
    if not sure or not form.is_valid():
        context = {"lines": lines, "form": form, "deed": deed}
        return _page(request, standing, status=status_of(form), **context)
    act = _act_of(viewer_of(request), group_id, deed, form.cleaned_data)
    refused = [(line, words) for line in lines if (words := _tried(act, line))]
    return _told(request, standing, deed, len(lines), refused)


def _chosen(standing: Standing, people: list[UUID]) -> list[MemberLine]:
    """Raises Refused for nobody and for too many. Who is not in any more is left out."""
    if len(people) > TOGETHER_MAX:
        raise Refused("invalid", gettext("At most %(count)d people at once.") % {"count": TOGETHER_MAX})
    found = Member.objects.filter(group=standing.group, user__in=people).select_related("user").order_by("joined_at")
    lines = lines_of(standing, found)
    if not lines:
        raise Refused("invalid", gettext("Choose at least one person."))
    return lines


def _form_of(standing: Standing, deed: str, data: Any) -> Form:
    if deed == TogetherForm.KICK:
        return ReasonForm(data)
    if deed == TogetherForm.TIME_OUT:
        return TimeOutForm(data)
    roles = Role.objects.filter(group=standing.group, is_everyone=False).order_by("-position")
    return GiveRoleForm(data, roles=[(str(role.pk), role.name) for role in roles if may_hand(standing, role)])


def _act_of(actor: User, group_id: UUID, deed: str, given: dict[str, Any]) -> Callable[[UUID], object]:
    """What is done to each, as a transaction of its own."""
    if deed == TogetherForm.ROLE:
        role = UUID(given["role"])
        return lambda person: give_role(actor=actor, group_id=group_id, role_id=role, people=[person])
    action = kick_member if deed == TogetherForm.KICK else time_out_member
    todo = partial(action, actor=actor, group_id=group_id, **given)
    return lambda person: todo(person_id=person)


def _tried(act: Callable[[UUID], object], line: MemberLine) -> str:
    """Why it was refused, or "" where it was done."""
    try:
        act(line.member.user_id)
    except Refused as refusal:
        return str(refusal)
    return ""


def _told(
    request: HttpRequest, standing: Standing, deed: str, count: int, refused: list[tuple[MemberLine, str]]
) -> HttpResponse:
    """Back to the list where all went well; else who is left, and why."""
    done = count - len(refused)
    if done:
        words = {
            TogetherForm.KICK: ngettext("%(count)d person was removed.", "%(count)d people were removed.", done),
            TogetherForm.TIME_OUT: ngettext(
                "%(count)d person was timed out.", "%(count)d people were timed out.", done
            ),
            TogetherForm.ROLE: ngettext(
                "%(count)d person has the role now.", "%(count)d people have the role now.", done
            ),
        }[deed]
        messages.success(request, words % {"count": done})
    if not refused:
        return redirect("group_members", standing.group.pk)
    return _page(request, standing, refused=refused, deed=deed, status=200 if done else 403)


def _page(request: HttpRequest, standing: Standing, *, status: int = 200, **context: Any) -> HttpResponse:
    frame = settings_shell(request, standing, at="members", **context)
    return render(request, "groups/members_together.html", frame, status=status)
