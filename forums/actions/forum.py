"""A forum as a whole: made by a person, who owns it; changed, and moved to another address. How it ends is in ending.py.

Lock order everywhere in forums: forum → post → comment → counters → user → audit head.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_line, checked_text
from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import Refused
from chatter.core.limits import check_limit
from forums.actions.members import admit_member
from forums.actions.pictures import stored_icon
from forums.actions.rules import add_rules
from forums.discussions import sync_discussions
from forums.models import Flair, FormerSlug, Forum, Post
from forums.permissions import Right, check_right, shut_forum_for
from forums.slugs import checked_slug
from forums.telling import tell_access

NAME_MAX = 100
DESCRIPTION_MAX = 500
OWNED_MAX = 100
CREATED_PER_HOUR = 20
MOVES_PER_DAY = 3
FORMER_MAX = 30
SCORES_HIDDEN = (0, 15, 60, 240, 1440)
# What who looks after the forum changes at once with the others.
LOOKS = ("name", "description")
WAYS = ("is_public", "takes_requests", "posting", "kinds_off", "needs_flair", "holding")
SHOWS = ("scores_hidden_minutes", "is_nsfw", "is_log_public")
EDITED = (*LOOKS, *WAYS, *SHOWS)


def create_forum(
    *,
    owner: User,
    name: str,
    slug: str,
    description: str = "",
    is_public: bool = True,
    is_nsfw: bool = False,
    rules: Sequence[str] = (),
    icon: bytes | None = None,
) -> Forum:
    """A forum with its owner in it and the rules it starts with. Raises Refused, and then nothing was made."""
    check_member(owner)
    check_limit("forum", owner.pk, limit=CREATED_PER_HOUR, seconds=3600)
    title, about = checked_line(name, NAME_MAX), checked_text(description, DESCRIPTION_MAX)
    address = checked_slug(slug)
    with stored_icon(icon) as key, transaction.atomic():
        hold_slugs()
        check_free(address)
        # Of two made at once the second is counted after the first.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        check_may_own_more(owner)
        forum = Forum.objects.create(
            owner=owner, name=title, slug=address, description=about, is_public=is_public, is_nsfw=is_nsfw, icon=key
        )
        admit_member(forum, owner)
        add_rules(forum, rules)
        facts: dict[str, Any] = {"name": title, "slug": address, "is_public": is_public}
        audit(actor=owner, action="forum.created", place=forum.pk, target=forum, **facts)
    forum.refresh_from_db()
    return forum


def edit_forum(*, actor: User, forum_id: UUID, **wanted: Any) -> Forum:
    """Change what is given of EDITED. Members stay also when a public forum becomes private. Raises NotFound or Refused."""
    checked = _checked(wanted)
    with transaction.atomic():
        standing = shut_forum_for(actor, forum_id)
        check_right(standing, Right.FORUM)
        forum = standing.forum
        before = {name: getattr(forum, name) for name in EDITED}
        changed = {name: checked[name] for name in EDITED if checked.get(name, before[name]) != before[name]}
        if not changed:
            return forum
        if changed.get("needs_flair"):
            _check_has_flair(forum)
        for name, value in changed.items():
            setattr(forum, name, value)
        forum.save(update_fields=[*changed, "updated_at"])
        if {"is_public", "is_nsfw"} & changed.keys():
            tell_access(forum.pk)
        if "is_public" in changed:
            sync_discussions(forum.pk)
        changes = {name: [before[name], value] for name, value in changed.items()}
        audit(actor=actor, action="forum.edited", place=forum.pk, target=forum, changes=changes)
    return forum


def move_forum(*, actor: User, forum_id: UUID, slug: str) -> Forum:
    """Give the forum another address; the one it had leads there from now on. Raises NotFound or Refused."""
    address = checked_slug(slug)
    with transaction.atomic():
        standing = shut_forum_for(actor, forum_id)
        check_right(standing, Right.FORUM)
        forum = standing.forum
        if forum.slug == address:
            return forum
        check_limit("forum_move", forum.pk, limit=MOVES_PER_DAY, seconds=24 * 3600)
        hold_slugs()
        check_free(address, besides=forum)
        former, forum.slug = forum.slug, address
        FormerSlug.objects.filter(forum=forum, slug=address).delete()
        if FormerSlug.objects.filter(forum=forum).count() >= FORMER_MAX:
            raise Refused("forbidden", _("This forum had too many addresses already."))
        forum.save(update_fields=["slug", "updated_at"])
        FormerSlug.objects.create(forum=forum, slug=former)
        audit(actor=actor, action="forum.moved", place=forum.pk, target=forum, before=former, after=address)
    return forum


def is_free(address: str, *, besides: Forum | None = None) -> bool:
    """Does no forum have the address, or had it? Not even one that waits to be deleted."""
    others = Forum.objects.filter(slug=address)
    former = FormerSlug.objects.filter(slug=address)
    if besides is not None:
        others, former = others.exclude(pk=besides.pk), former.exclude(forum=besides)
    return not others.exists() and not former.exists()


def check_free(address: str, *, besides: Forum | None = None) -> None:
    """Raises Refused. The same words whoever has it: nobody learns of a private forum by its address."""
    if not is_free(address, besides=besides):
        raise Refused("invalid", _("This address is taken."))


def hold_slugs() -> None:
    """Until the transaction ends nobody else takes or gives up an address: one may be in either of two tables."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('forums.slugs'))")


def check_may_own_more(person: User) -> None:
    """Raises Refused where `person` owns as many forums as one can. Their row is locked."""
    if Forum.objects.filter(owner=person).count() >= OWNED_MAX:
        raise Refused("forbidden", _("One person can own %(most)s forums.") % {"most": OWNED_MAX})


def _checked(wanted: dict[str, Any]) -> dict[str, Any]:
    """What is given, in the shape it is kept. Raises Refused."""
    checked = {name: wanted[name] for name in EDITED if name in wanted}
    if "name" in checked:
        checked["name"] = checked_line(checked["name"], NAME_MAX)
    if "description" in checked:
        checked["description"] = checked_text(checked["description"], DESCRIPTION_MAX)
    if "kinds_off" in checked:
        checked["kinds_off"] = [kind for kind in Post.Kind.values if kind in checked["kinds_off"]]
        if len(checked["kinds_off"]) == len(Post.Kind.values):
            raise Refused("invalid", _("At least one kind of posts has to be left."))
    known = {"posting": Forum.Posting.values, "holding": Forum.Holding.values, "scores_hidden_minutes": SCORES_HIDDEN}
    if any(checked[name] not in choices for name, choices in known.items() if name in checked):
        raise Refused("invalid")
    return checked


def _check_has_flair(forum: Forum) -> None:
    if not Flair.objects.filter(forum=forum, kind=Flair.Kind.POST, is_for_moderators=False).exists():
        raise Refused("invalid", _("Make a flair for posts first that everybody may choose."))
