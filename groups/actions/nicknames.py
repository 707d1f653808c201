"""What members are called in a group: by themselves, or by who may change it for them."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_line
from accounts.models import User
from accounts.names import is_reserved, likeness
from chatter.core.errors import Refused
from chatter.core.events import GroupChanged
from chatter.core.limits import check_limit
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.actions.moderation import stands_above, tell_moderated
from groups.models import Group, Member
from groups.permissions import Right, locked_standing

NICKNAME_MAX = 80
# Of one's own: each change is told in every channel of the group.
CHANGES_PER_HOUR = 30


def change_nickname(*, actor: User, group_id: UUID, person_id: UUID, nickname: str) -> str:
    """Call a member so, in this group; "" takes the nickname away. Returns it tidied. Raises NotFound or Refused."""
    name = checked_line(nickname, NICKNAME_MAX) if nickname.strip() else ""
    is_own = actor.pk == person_id
    with transaction.atomic():
        if is_own:
            standing = locked_standing(actor, group_id)
            if not standing.can(Right.CHANGE_NICKNAME | Right.MANAGE_NICKNAMES):
                raise Refused("forbidden")
            member = standing.member
        else:
            standing, target = stands_above(actor, group_id, person_id, Right.MANAGE_NICKNAMES)
            member = target.member
        before = member.nickname
        if name == before:
            return name
        if is_own:
            check_limit("nickname", actor.pk, limit=CHANGES_PER_HOUR, seconds=3600)
        _check_misleads_nobody(standing.group, member, name)
        _rename(member, name)
        if not is_own:
            tell_moderated(standing.group, person_id, "group_nickname_changed", nickname=name)
            said = {"before": before, "after": name}
            audit(actor=actor, action="group.nickname.changed", place=group_id, target=member, said=said)
    return name


def _rename(member: Member, name: str) -> None:
    Member.objects.filter(pk=member.pk).update(nickname=name)
    change_access(Scope(group=member.group_id, users=(member.user_id,)), first=(member.user_id,))
    publish(GroupChanged(group=member.group_id))


def _check_misleads_nobody(group: Group, member: Member, name: str) -> None:
    """Nobody passes for the site, or for somebody else who is there, by width, case or what cannot be seen. Raises Refused."""
    alike = likeness(name)
    own = {likeness(word) for word in (member.user.username, member.user.display_name) if word}
    if not alike or alike in own:
        return
    called_so = Q(nickname__iexact=alike) | Q(user__username__iexact=alike) | Q(user__display_name__iexact=alike)
    if is_reserved(alike) or Member.objects.filter(called_so, group=group).exclude(pk=member.pk).exists():
        raise Refused("invalid", _("Somebody else is called so here."))
