"""The demo's groups, made through the product's own actions."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation
from chatter.ops.demo_groups import GROUPS, DemoChannel, DemoGroup
from groups.actions.categories import create_category
from groups.actions.channels import create_channel
from groups.actions.group import create_group
from groups.actions.holders import give_role
from groups.actions.members import admit_member
from groups.actions.roles import create_role
from groups.models import Category, Group, Member, Role
from groups.permissions import lock_group
from groups.places import Target

# They are older than what is said in them.
AGE = timedelta(days=21)


def make_groups(people: dict[str, User]) -> dict[str, Conversation]:
    """Make the groups; returns their places as "group/channel"."""
    places = {}
    for plan in GROUPS:
        owner = people[plan.owner]
        group = create_group(
            owner=owner,
            name=plan.name,
            description=plan.description,
            is_public=plan.is_public,
            beginning="nothing",
        )
        roles = _make_roles(owner, group, plan, people)
        for heading, channels in plan.categories:
            category = create_category(actor=owner, group_id=group.pk, name=heading) if heading else None
            for channel in channels:
                places[f"{plan.name}/{channel.name}"] = _make_channel(owner, group, channel, category, roles)
        _let_age(group)
    return places


def _make_roles(owner: User, group: Group, plan: DemoGroup, people: dict[str, User]) -> dict[str, UUID]:
    """Let everybody in, and give the roles. The first is the highest: each new one comes in below the others."""
    with transaction.atomic():
        for name in plan.members:
            admit_member(lock_group(group.pk), people[name])
    roles: dict[str, UUID] = {}
    for role in plan.roles:
        roles[role.name] = made = create_role(
            actor=owner,
            group_id=group.pk,
            name=role.name,
            permissions=int(role.rights),
            hue=role.hue,
            is_shown_apart=True,
            is_mentionable=True,
        ).pk
        give_role(actor=owner, group_id=group.pk, role_id=made, people=[people[name].pk for name in role.holders])
    return roles


def _make_channel(
    owner: User, group: Group, channel: DemoChannel, category: Category | None, roles: dict[str, UUID]
) -> Conversation:
    made = create_channel(
        actor=owner,
        group_id=group.pk,
        name=channel.name,
        topic=channel.topic,
        kind=channel.kind,
        category_id=category.pk if category else None,
        closed=bool(channel.only),
        shown_to=[Target("role", roles[channel.only])] if channel.only else [],
    )
    return made.conversation


def _let_age(group: Group) -> None:
    then = timezone.now() - AGE
    Group.objects.filter(pk=group.pk).update(created_at=then)
    Member.objects.filter(group=group).update(joined_at=then)
    Role.objects.filter(group=group).update(created_at=then)
