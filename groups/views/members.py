"""Who is in a group: the list, one member, and what may be done to one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import Asked, entries_of
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound
from groups.actions.moderation import ban_person, kick_member, lift_time_out, time_out_member
from groups.actions.nicknames import change_nickname
from groups.forms.members import BanForm, MembersForm, NicknameForm, ReasonForm, TimeOutForm
from groups.holding import may_hand, member_in
from groups.log import log_lines
from groups.member_list import JOINED, MemberLine, lines_of, members_page
from groups.models import Role
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell

HISTORY_SHOWN = 20
ON_SEVERAL = Right.KICK | Right.TIME_OUT | Right.MANAGE_ROLES

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def members(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A page of them; scripts ask for the list alone."""
    standing = visible_group(viewer_of(request), group_id)
    given = checked(MembersForm(request.GET))
    wanted = {"words": given["q"], "role": given["role"], "sort": given["sort"] or JOINED}
    found, after = members_page(standing.group, **wanted, after=given["after"])
    lines = lines_of(standing, found)
    roles = list(Role.objects.filter(group=standing.group, is_everyone=False).order_by("-position"))
    onward = {"q": given["q"], "role": given["role"] or "", "sort": given["sort"], "after": after}
    context = {
        "lines": lines,
        "next": urlencode({name: value for name, value in onward.items() if value}) if after else "",
        "given": given,
        "roles": roles,
        "may_choose": standing.can(ON_SEVERAL) and any(line.is_below for line in lines),
        "may_kick": standing.can(Right.KICK),
        "may_time_out": standing.can(Right.TIME_OUT),
        "may_give": standing.can(Right.MANAGE_ROLES) and any(may_hand(standing, role) for role in roles),
        "is_filtered": bool(given["q"] or given["role"]),
    }
    name = "groups/members_list.html" if request.headers.get("X-Fragment") == "members" else "groups/members.html"
    return render(request, name, settings_shell(request, standing, at="members", **context))


@require_safe
def member(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    """What they are called and hold, what may be done to them, and what was done."""
    standing, line = _member(request, group_id, user_id)
    return _member_page(request, standing, line)


@require_POST
def nickname(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    return _changed(request, group_id, user_id, NicknameForm, change_nickname, gettext("Saved."), "nickname")


@require_POST
def time_out(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    words = gettext("They cannot write for now.")
    return _changed(request, group_id, user_id, TimeOutForm, time_out_member, words, "time_out")


@require_POST
def time_out_lift(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    lift_time_out(actor=viewer_of(request), group_id=group_id, person_id=user_id)
    messages.success(request, gettext("They can write again."))
    return redirect("group_member", group_id, user_id)


@both
def kick(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    """Asks why, then puts the member out."""
    words = gettext("%(name)s was removed.")
    return _put_out(request, group_id, user_id, Right.KICK, ReasonForm, kick_member, words, "groups/kick.html")


@both
def ban(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    """Asks why, for how long and what goes with them, then bans the member."""
    words = gettext("%(name)s was banned.")
    return _put_out(request, group_id, user_id, Right.BAN, BanForm, ban_person, words, "groups/ban.html")


def _member(request: HttpRequest, group_id: UUID, user_id: UUID) -> tuple[Standing, MemberLine]:
    """Raises NotFound."""
    standing = visible_group(viewer_of(request), group_id)
    found = member_in(standing, user_id)
    if found is None:
        raise NotFound
    return standing, lines_of(standing, [found])[0]


def _changed(
    request: HttpRequest,
    group_id: UUID,
    user_id: UUID,
    form_of: type[Form],
    deed: Callable[..., object],
    words: str,
    name: str,
) -> HttpResponse:
    """Do it and come back to the member's page, or say there what is wrong."""
    standing, line = _member(request, group_id, user_id)
    form = form_of(request.POST, prefix=name)
    if form.is_valid():
        with refusals_beside(form, None):
            deed(actor=viewer_of(request), group_id=group_id, person_id=user_id, **form.cleaned_data)
            messages.success(request, words)
            return redirect("group_member", group_id, user_id)
    return _member_page(request, standing, line, **{name: form})


def _put_out(
    request: HttpRequest,
    group_id: UUID,
    user_id: UUID,
    right: Right,
    form_of: type[Form],
    deed: Callable[..., object],
    words: str,
    template: str,
) -> HttpResponse:
    standing, line = _member(request, group_id, user_id)
    check_right(standing, right)
    form = form_of(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, None):
            deed(actor=viewer_of(request), group_id=group_id, person_id=user_id, **form.cleaned_data)
            messages.success(request, words % {"name": line.name})
            return redirect("group_members", group_id)
    context = settings_shell(request, standing, at="members", line=line, form=form)
    return render(request, template, context, status=status_of(form))


def _member_page(request: HttpRequest, standing: Standing, line: MemberLine, **forms: Form) -> HttpResponse:
    is_own = line.member.pk == standing.member.pk
    may_rename = Right.CHANGE_NICKNAME | Right.MANAGE_NICKNAMES if is_own else Right.MANAGE_NICKNAMES
    reaches = line.is_below
    context = {
        "line": line,
        "is_own": is_own,
        "may_rename": standing.can(may_rename) and (is_own or reaches),
        "may_time_out": reaches and standing.can(Right.TIME_OUT),
        "may_kick": reaches and standing.can(Right.KICK),
        "may_ban": reaches and standing.can(Right.BAN),
        "may_give": standing.can(Right.MANAGE_ROLES) and (is_own or reaches),
        "nickname": forms.get("nickname")
        or NicknameForm(prefix="nickname", initial={"nickname": line.member.nickname}),
        "time_out": forms.get("time_out") or TimeOutForm(prefix="time_out"),
        "reads_log": standing.can(Right.VIEW_AUDIT),
        "history": _history(standing, line),
    }
    status = max([status_of(form) for form in forms.values()], default=200)
    return render(
        request, "groups/member.html", settings_shell(request, standing, at="members", **context), status=status
    )


def _history(standing: Standing, line: MemberLine) -> list[Any]:
    """What was done to them here, for who may read the log."""
    if not standing.can(Right.VIEW_AUDIT):
        return []
    asked = Asked(place=standing.group.pk, target=line.member.user_id)
    return log_lines(standing, entries_of(asked, HISTORY_SHOWN))
