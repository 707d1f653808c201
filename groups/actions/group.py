"""A group as a whole: made with places to begin with, changed, handed over, deleted after a time of grace.

Lock order everywhere in groups: group → conversations by id → memberships → …
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import Refused
from groups.access import Scope, sync_access
from groups.actions.channels import make_channel
from groups.actions.members import admit_member
from groups.actions.names import checked_line
from groups.models import Category, Channel, Group, Override, Role
from groups.permissions import EVERYONE_DEFAULT, Right

NAME_MAX_LENGTH = 100
DESCRIPTION_MAX_LENGTH = 1000
GROUPS_OWNED_MAX = 200


def create_group(*, owner: User, name: str, description: str = "", is_public: bool = False) -> Group:
    """A group with a category, #general and #announcements (where only those write whom a role lets). Raises Refused."""
    check_member(owner)
    title = checked_line(name, NAME_MAX_LENGTH)
    with transaction.atomic():
        if Group.objects.filter(owner=owner).count() >= GROUPS_OWNED_MAX:
            raise Refused("forbidden", _("You own as many groups as one person can."))
        group = Group.objects.create(
            owner=owner, name=title, description=description.strip()[:DESCRIPTION_MAX_LENGTH], is_public=is_public
        )
        Role.objects.create(
            group=group, name="everyone", is_everyone=True, position=0, permissions=int(EVERYONE_DEFAULT)
        )
        admit_member(group, owner)
        furnish(group)
        sync_access(Scope(group=group.pk))
    return group


def furnish(group: Group) -> None:
    """The places a group begins with."""
    talk = Category.objects.create(group=group, name=_("Talk"))
    make_channel(group, name=_("general"), category=talk, position=0)
    news = make_channel(group, name=_("announcements"), category=talk, position=1, kind=Channel.Kind.ANNOUNCEMENT)
    Channel.objects.filter(pk=news.pk).update(is_synced=False)
    everyone = group.roles.get(is_everyone=True)
    Override.objects.create(channel=news, role=everyone, deny=int(Right.SEND))
