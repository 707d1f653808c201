"""Flairs of a forum: coloured words for its posts and for its people. Made, changed, ordered and deleted by who looks after it;
worn by members, who choose one themselves or are given it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_line
from accounts.models import User
from accounts.names import likeness
from chatter.core.errors import NotFound, Refused
from forums.actions.ordered import close_gaps, moved, nudged, touch
from forums.models import Flair, Forum, Member
from forums.models.forum import HUES
from forums.permissions import Right, Standing, check_above, check_right, check_takes_part, locked_forum_for

NAME_MAX = 40
FLAIRS_MAX = 40
LOOKS = ("name", "hue", "is_for_moderators")


def create_flair(
    *,
    actor: User,
    forum_id: UUID,
    name: str,
    kind: str = Flair.Kind.POST,
    hue: int = 0,
    is_for_moderators: bool = False,
) -> Flair:
    """A flair behind the others of its kind. Raises NotFound or Refused."""
    if kind not in Flair.Kind.values:
        raise Refused("invalid")
    with transaction.atomic():
        forum = _locked(actor, forum_id).forum
        others = Flair.objects.filter(forum=forum, kind=kind)
        if others.count() >= FLAIRS_MAX:
            raise Refused("forbidden", _("There can be at most %(count)d of them.") % {"count": FLAIRS_MAX})
        flair = Flair.objects.create(
            forum=forum,
            kind=kind,
            name=_free_name(forum, kind, name),
            hue=_checked_hue(hue),
            is_for_moderators=is_for_moderators,
            position=others.count(),
        )
        touch(forum)
        audit(actor=actor, action="forum.flair.created", place=forum.pk, target=flair, name=flair.name, kind=kind)
    return flair


def change_flair(*, actor: User, forum_id: UUID, flair_id: UUID, **wanted: Any) -> Flair:
    """Change what is given of LOOKS; whoever and whatever has it, keeps it. Raises NotFound or Refused."""
    with transaction.atomic():
        forum = _locked(actor, forum_id).forum
        flair = flair_of(forum, flair_id)
        before = {name: getattr(flair, name) for name in LOOKS}
        after = before | {name: wanted[name] for name in LOOKS if name in wanted}
        if after["name"] != flair.name:
            after["name"] = _free_name(forum, flair.kind, after["name"], besides=flair)
        after["hue"] = _checked_hue(after["hue"])
        changes = {name: [before[name], value] for name, value in after.items() if value != before[name]}
        if not changes:
            return flair
        if after["is_for_moderators"]:
            _check_leaves_one(forum, flair)
        for name, value in after.items():
            setattr(flair, name, value)
        flair.save(update_fields=list(after))
        touch(forum)
        audit(actor=actor, action="forum.flair.changed", place=forum.pk, target=flair, name=flair.name, changes=changes)
    return flair


def delete_flair(*, actor: User, forum_id: UUID, flair_id: UUID) -> None:
    """It is gone from every post and member. Raises NotFound or Refused."""
    with transaction.atomic():
        forum = _locked(actor, forum_id).forum
        flair = flair_of(forum, flair_id)
        _check_leaves_one(forum, flair)
        kind, key = flair.kind, flair.pk
        flair.delete()
        close_gaps(Flair.objects.filter(forum=forum, kind=kind))
        touch(forum)
        audit(actor=actor, action="forum.flair.deleted", place=forum.pk, target=("flair", key), name=flair.name)


def order_flair(*, actor: User, forum_id: UUID, flair_id: UUID, before: UUID | None = None, by: int = 0) -> None:
    """Let it stand before another one of its kind (None: at the end), or with `by` one step up (-1) or down (1)."""
    with transaction.atomic():
        forum = _locked(actor, forum_id).forum
        flair = flair_of(forum, flair_id)
        rows = Flair.objects.filter(forum=forum, kind=flair.kind)
        if nudged(rows, flair_id, by) if by else moved(rows, flair_id, before):
            touch(forum)
            audit(actor=actor, action="forum.flair.moved", place=forum.pk, target=flair, name=flair.name)


def wear_flair(*, actor: User, forum_id: UUID, flair_id: UUID | None, person_id: UUID | None = None) -> Member:
    """Let the actor, or with `person_id` another member, wear a flair of people; None: none. Members choose among those that are
    for everybody and keep what they were given; who looks after people gives any. Raises NotFound or Refused."""
    with transaction.atomic():
        standing = locked_forum_for(actor, forum_id)
        person = check_takes_part(standing)
        member = Member.objects.filter(forum=forum_id, user=person_id or person.pk).select_related("flair").first()
        if member is None:
            raise NotFound
        flair = flair_of(standing.forum, flair_id, Flair.Kind.MEMBER) if flair_id else None
        is_own = member.user_id == person.pk
        _check_wears(standing, member, flair, is_own=is_own)
        if member.flair_id == flair_id:
            return member
        member.flair = flair
        member.save(update_fields=["flair"])
        if not is_own:
            facts: dict[str, Any] = {"flair": flair.name if flair else ""}
            audit(actor=actor, action="forum.member.flair.given", place=forum_id, target=member, **facts)
    return member


def open_flairs(standing: Standing, kind: str) -> list[Flair]:
    """Those that the reader may choose, in their order (one query)."""
    rows = Flair.objects.filter(forum=standing.forum, kind=kind).order_by("position", "pk")
    bit = Right.POSTS if kind == Flair.Kind.POST else Right.PEOPLE
    return list(rows if standing.can(bit) else rows.filter(is_for_moderators=False))


def flair_of(forum: Forum, flair_id: UUID, kind: str = "") -> Flair:
    """Raises NotFound for flairs of other forums, another kind and unknown ids alike."""
    flair = Flair.objects.filter(forum=forum, pk=flair_id).first()
    if flair is None or (kind and flair.kind != kind):
        raise NotFound
    return flair


def _check_wears(standing: Standing, member: Member, flair: Flair | None, *, is_own: bool) -> None:
    if standing.can(Right.PEOPLE):
        if not is_own:
            check_above(standing, member, member.user_id)
        return
    if not is_own:
        raise Refused("forbidden")
    if flair is not None and flair.is_for_moderators:
        raise Refused("forbidden", _("This flair is given by moderators."))
    if member.flair is not None and member.flair.is_for_moderators:
        raise Refused("forbidden", _("Moderators gave you your flair; only they take it away."))


def _check_leaves_one(forum: Forum, flair: Flair) -> None:
    """Raises Refused where posts need a flair and none that everybody may choose would be left."""
    if not forum.needs_flair or flair.kind != Flair.Kind.POST or flair.is_for_moderators:
        return
    others = Flair.objects.filter(forum=forum, kind=flair.kind, is_for_moderators=False).exclude(pk=flair.pk)
    if not others.exists():
        raise Refused("forbidden", _("Posts need a flair here: one that everybody may choose has to stay."))


def _free_name(forum: Forum, kind: str, raw: str, *, besides: Flair | None = None) -> str:
    """`raw` as a name that no other flair of this kind reads like. Raises Refused."""
    name = checked_line(raw, NAME_MAX)
    others = Flair.objects.filter(forum=forum, kind=kind).exclude(pk__in=[besides.pk] if besides else [])
    if likeness(name) in {likeness(other) for other in others.values_list("name", flat=True)}:
        raise Refused("invalid", _("There is already a flair of this name."))
    return name


def _checked_hue(hue: int) -> int:
    if not 0 <= hue < HUES:
        raise Refused("invalid")
    return hue


def _locked(actor: User, forum_id: UUID) -> Standing:
    standing = locked_forum_for(actor, forum_id)
    check_right(standing, Right.FORUM)
    return standing
