"""Forums: made by a person, who owns them."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import check_member
from forums.actions.members import admit_member
from forums.models import Forum


def create_forum(
    *, owner: User, name: str, slug: str, description: str = "", is_public: bool = True, **more: Any
) -> Forum:
    """A forum with its owner in it. Raises Refused."""
    check_member(owner)
    with transaction.atomic():
        forum = Forum.objects.create(
            owner=owner, name=name, slug=slug, description=description, is_public=is_public, **more
        )
        admit_member(forum, owner)
    forum.refresh_from_db()
    return forum
