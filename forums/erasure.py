"""How forums forget a person: what they own goes to another, or ends where nobody is left; they leave, and nothing says any more
whom they followed, what they saved, or what was noted about them.

What they wrote stays, as by "Deleted user", and so do their votes and ballots: as counts, of a row that names nobody.
"""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import erasure
from accounts.actions.audit import audit
from accounts.models import FormerName, User
from chatter.core.database import prepared_cursor
from forums.actions.ending import crown
from forums.actions.members import admit_member, part_member
from forums.albums import POSTS
from forums.models import (
    Ban,
    Comment,
    Draft,
    FeedKey,
    Forum,
    Invitation,
    JoinRequest,
    Member,
    Note,
    PersonFollow,
    Post,
    PostFollow,
    Saved,
    Sweep,
    Upload,
)
from forums.tasks import purge_forum

CHUNK = 200

# By the words themselves, which an index knows, and the link that only a mention makes.
_CALLING = """
select id from {table}
 where search @@ any(%(words)s::tsquery[]) and html like any(%(links)s) and id > %(after)s order by id limit %(limit)s
"""


def forget(person: User) -> None:
    for key in list(Forum.objects.filter(owner=person).order_by("pk").values_list("pk", flat=True)):
        _pass_on(person, key)
    for key in list(Member.objects.filter(user=person).order_by("forum_id").values_list("forum_id", flat=True)):
        _leave(person, key)
    _forget_uploads(person)
    with transaction.atomic():
        for model in (Ban, FeedKey, JoinRequest, Note, PostFollow, Saved, Sweep):
            model._default_manager.filter(user=person).delete()  # noqa: SLF001 -- public by documentation
        Draft.objects.filter(author=person).delete()
        PersonFollow.objects.filter(Q(follower=person) | Q(user=person)).delete()
        Invitation.objects.filter(Q(user=person) | Q(inviter=person)).delete()
        _forget_deeds(person)
    _unlink_mentions(person)


def _pass_on(person: User, key: UUID) -> None:
    """The forum goes to another; one that only its owner wrote in and nobody is left in, or that they wanted deleted, ends."""
    with transaction.atomic():
        forum = Forum.objects.select_for_update().get(pk=key)
        heir = None if forum.deletion_due_at else _heir(forum)
        if heir is not None:
            crown(forum, heir)
            audit(actor=None, action="forum.transferred", place=key, target=heir, before=person.pk, after=heir.user_id)
            return
        forum.deletion_due_at = timezone.now()
        forum.save(update_fields=["deletion_due_at"])
    purge_forum(forum)


def _heir(forum: Forum) -> Member | None:
    """The moderator with most rights, else who has been a member for longest; what others wrote and nobody belongs to any more
    falls to those who run the site."""
    people = User.objects.filter(is_active=True, deleted_at=None, is_guest=False, suspended_at=None).exclude(
        pk=forum.owner_id
    )
    members = Member.objects.filter(forum=forum, user__in=people).order_by("-permissions", "created_at", "pk")
    if (heir := members.first()) is not None:
        return heir
    others = Post.objects.filter(forum=forum).exclude(author=forum.owner_id)
    if not others.exists() and not Comment.objects.filter(post__forum=forum).exclude(author=forum.owner_id).exists():
        return None
    ruler = people.filter(is_superuser=True).order_by("created_at").first()
    return admit_member(forum, ruler) if ruler else None


@transaction.atomic
def _leave(person: User, key: UUID) -> None:
    forum = Forum.objects.select_for_update().get(pk=key)
    member = Member.objects.filter(forum=forum, user=person).first()
    if member is not None:
        part_member(forum, member)


def _forget_uploads(person: User) -> None:
    """Pictures that no post took yet."""
    for upload in Upload.objects.filter(author=person):
        POSTS.delete(upload.key)
        upload.delete()


def _forget_deeds(person: User) -> None:
    """Who did it is said of nobody; why theirs was removed concerned them alone."""
    for model, column in (
        *((model, "removed_by") for model in (Post, Comment)),
        *((Ban, "actor"), (Sweep, "actor"), (Note, "author"), (JoinRequest, "decided_by"), (Member, "invited_by")),
    ):
        model._default_manager.filter(**{column: person}).update(**{column: None})  # noqa: SLF001 -- public by documentation
    for model in (Post, Comment):
        model._default_manager.filter(author=person).exclude(removal_reason="").update(removal_reason="")  # noqa: SLF001


def _unlink_mentions(person: User) -> None:
    """The name stays in the text of others, and leads nowhere."""
    former = FormerName.objects.filter(user=person).values_list("username", flat=True)
    names = sorted({person.username.lower(), *(name.lower() for name in former)})
    link = re.compile(rf'<a class="mention" data-username="(?:{"|".join(map(re.escape, names))})"[^>]*>(@[^<]*)</a>')
    links = [f'%<a class="mention" data-username="{name.replace("_", r"\_")}"%' for name in names]
    asked = {"links": links, "words": _queries(names), "limit": CHUNK}
    for model in (Post, Comment):
        _rewrite(model, link, asked)


def _rewrite(model: type[Post | Comment], link: re.Pattern[str], asked: dict[str, Any]) -> None:
    sql = _CALLING.format(table=model._meta.db_table)  # noqa: SLF001 -- public by documentation
    after = UUID(int=0)
    while keys := [row[0] for row in _rows(sql, asked | {"after": after})]:
        after = keys[-1]
        with transaction.atomic():
            rows = model._default_manager.select_for_update(no_key=True)  # noqa: SLF001 -- public by documentation
            for row in rows.filter(pk__in=keys).order_by("pk"):
                model._default_manager.filter(pk=row.pk).update(html=link.sub(r"\1", row.html))  # noqa: SLF001


def _queries(names: list[str]) -> list[str]:
    return [
        row[0] for row in _rows("select phraseto_tsquery('simple', name)::text from unnest(%s::text[]) name", [names])
    ]


def _rows(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def register() -> None:
    erasure.register("forums", forget)
