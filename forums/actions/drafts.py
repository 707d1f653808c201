"""Posts that are not finished: kept for their authors alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import NotFound, Refused
from forums.models import Draft, Post

DRAFTS_MAX = 50


def save_draft(
    *,
    author: User,
    draft_id: UUID,
    forum_id: UUID | None,
    kind: str = Post.Kind.TEXT,
    title: str = "",
    content: str = "",
    url: str = "",
    options: Sequence[str] = (),
) -> Draft:
    """Keep what is written so far; `draft_id` names the draft from its first saving on. Raises NotFound or Refused."""
    check_member(author)
    kept: dict[str, Any] = {
        "forum_id": forum_id,
        "kind": kind,
        "title": title,
        "content": content,
        "url": url,
        "options": list(options),
    }
    with transaction.atomic():
        # Locked: their drafts are counted.
        User.objects.select_for_update(no_key=True).get(pk=author.pk)
        present = Draft.objects.filter(pk=draft_id).first()
        if present is not None and present.author_id != author.pk:
            raise NotFound
        if present is None and Draft.objects.filter(author=author).count() >= DRAFTS_MAX:
            raise Refused("forbidden", _("You have 50 drafts already: delete one first."))
        draft, _is_new = Draft.objects.update_or_create(pk=draft_id, defaults=kept | {"author": author})
    return draft


def delete_draft(*, author: User, draft_id: UUID) -> None:
    """Deleted already is fine, too."""
    forget_draft(author, draft_id)


def forget_draft(author: User, draft_id: UUID | None) -> None:
    if draft_id is not None:
        Draft.objects.filter(author=author, pk=draft_id).delete()
