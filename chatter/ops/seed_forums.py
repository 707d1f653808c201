"""The demo's forums, made through the product's own actions, as old as their words say."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.signals import pre_save
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from chatter.ops.demo_forums import FORUMS
from chatter.ops.demo_posts import DemoForum, DemoPost, Said
from forums.actions.comments import create_comment
from forums.actions.flairs import create_flair, wear_flair
from forums.actions.forum import create_forum, edit_forum
from forums.actions.marks import lock_post, pin_post
from forums.actions.members import admit_member
from forums.actions.moderators import appoint_moderator
from forums.actions.polls import cast_ballot
from forums.actions.posts import Picture, PollWish, create_post
from forums.actions.rules import add_rule
from forums.actions.uploads import add_upload
from forums.actions.votes import rank, vote_on_comment, vote_on_post
from forums.models import Comment, Forum, Member, PollOption, Post
from forums.permissions import Right

# They are older than what is posted there.
AGE = timedelta(days=21)
MODERATES = Right.POSTS | Right.PEOPLE | Right.FORUM

# Who was told of something was told when it was said.
_NOTIFIED_THEN = """
update accounts_notification n set created_at = t.created_at, updated_at = t.created_at
  from (select id, created_at from forums_post union all select id, created_at from forums_comment
        union all select id, created_at from forums_forum) t
 where t.id = n.source_id and n.recipient_id = any(%s)
"""


def make_forums(people: dict[str, User]) -> None:
    """Make the forums and all that is posted there, the oldest first: lists of what is new go by ids."""
    made = {plan.slug: _make_forum(plan, people) for plan in FORUMS}
    posts = [(post, plan) for plan in FORUMS for post in plan.posts]
    for post, plan in sorted(posts, key=lambda each: -each[0].minutes_ago):
        _Stage(people, *made[plan.slug]).play(post)
    Forum.objects.update(created_at=timezone.now() - AGE)
    Member.objects.update(created_at=timezone.now() - AGE)


def tell_then(people: dict[str, User]) -> None:
    """Give what rang the times of what it was about."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTIFIED_THEN, [[person.pk for person in people.values()]])


def _make_forum(plan: DemoForum, people: dict[str, User]) -> tuple[Forum, dict[str, UUID]]:
    owner = people[plan.owner]
    forum = create_forum(owner=owner, name=plan.name, slug=plan.slug, description=plan.description)
    key = forum.pk
    for title, text in plan.rules:
        add_rule(actor=owner, forum_id=key, title=title, text=text)
    flairs = {}
    for flair in plan.flairs:
        looks: dict[str, Any] = {"hue": flair.hue, "is_for_moderators": flair.only_moderators}
        kind = "member" if flair.of_people else "post"
        flairs[flair.name] = create_flair(actor=owner, forum_id=key, name=flair.name, kind=kind, **looks).pk
    with transaction.atomic():
        for name in plan.members:
            admit_member(forum, people[name])
    for name in plan.moderators:
        appoint_moderator(actor=owner, forum_id=key, person_id=people[name].pk, permissions=int(MODERATES))
    for name, worn in plan.worn:
        person = None if name == plan.owner else people[name].pk
        wear_flair(actor=owner, forum_id=key, flair_id=flairs[worn], person_id=person)
    edit_forum(actor=owner, forum_id=key, posting=plan.posting)
    return forum, flairs


class _Stage:
    """Plays posts in a forum."""

    def __init__(self, people: dict[str, User], forum: Forum, flairs: dict[str, UUID]) -> None:
        self.people = people
        self.forum = forum
        self.flairs = flairs

    def play(self, plan: DemoPost) -> None:
        at = timezone.now() - timedelta(minutes=plan.minutes_ago)
        author = self.people[plan.author]
        with _at(at):
            wish = _wish_of(plan, author) | {"flair_id": self.flairs.get(plan.flair)}
            post = create_post(author=author, forum_id=self.forum.pk, title=plan.title, **wish)
        self._vote(vote_on_post, "post_id", post.pk, plan)
        options = list(PollOption.objects.filter(poll__post=post).order_by("position"))
        for name, choice in plan.ballots:
            cast_ballot(person=self.people[name], post_id=post.pk, options=[options[choice].pk])
        for said in plan.comments:
            self._say(post, said, at)
        keeper = User.objects.get(pk=self.forum.owner_id)
        if plan.is_pinned:
            pin_post(moderator=keeper, post_id=post.pk, is_pinned=True)
        if plan.is_locked:
            lock_post(moderator=keeper, post_id=post.pk, is_locked=True)

    def _say(self, post: Post, said: Said, after: datetime, parent: UUID | None = None) -> None:
        at = min(after + timedelta(minutes=said.later), timezone.now())
        speaker = self.people[said.speaker]
        with _at(at):
            comment = create_comment(author=speaker, post_id=post.pk, content=said.text, parent_id=parent)
        self._vote(vote_on_comment, "comment_id", comment.pk, said)
        for reply in said.replies:
            self._say(post, reply, at, comment.pk)

    def _vote(self, deed: Any, field: str, key: UUID, plan: DemoPost | Said) -> None:
        for names, value in ((plan.up, 1), (plan.down, -1)):
            for name in names:
                deed(person=self.people[name], value=value, **{field: key})


def _wish_of(plan: DemoPost, author: User) -> dict[str, Any]:
    """What `create_post` takes besides the title."""
    wish: dict[str, Any] = {"content": plan.text, "is_spoiler": plan.is_spoiler}
    if plan.url:
        return wish | {"kind": "link", "url": plan.url}
    if plan.options:
        return wish | {"kind": "poll", "poll": PollWish(plan.options, closes_at=timezone.now() + timedelta(days=3))}
    if plan.picture:
        upload = add_upload(author=author, upload=_drawing())
        return wish | {"kind": "image", "images": [Picture(upload.pk, plan.picture)]}
    return wish


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """What is posted or said meanwhile is of that moment, in its id too."""

    def age(instance: Any, **_more: Any) -> None:
        if instance._state.adding:  # noqa: SLF001 -- public by documentation
            instance.id, instance.created_at = _id_of(moment), moment
            rank(instance)

    for model in (Post, Comment):
        pre_save.connect(age, sender=model, weak=False)
    try:
        yield
    finally:
        for model in (Post, Comment):
            pre_save.disconnect(age, sender=model)


def _id_of(moment: datetime) -> UUID:
    """A version 7 UUID (RFC 9562) of that moment."""
    stamp = int(moment.timestamp() * 1000) << 80
    return UUID(int=stamp | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))


def _drawing() -> bytes:
    """A map of nowhere: fields, a lake, contour lines."""
    picture = Image.new("RGB", (1200, 800), "#e9e2cf")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, 520), (380, 430), (820, 560), (1200, 470), (1200, 800), (0, 800)], fill="#c9d8b0")
    pen.ellipse((620, 180, 980, 400), fill="#a9c8da", outline="#5d8aa3", width=3)
    for step in range(8):
        box = (80 + 26 * step, 90 + 22 * step, 560 - 26 * step, 440 - 22 * step)
        pen.ellipse(box, outline="#a07850", width=2 if step % 4 else 4)
    pen.line([(0, 610), (300, 560), (640, 640), (1200, 560)], fill="#b05a3c", width=7)
    for eye in (740, 850):
        pen.ellipse((eye, 250, eye + 22, 272), fill="#5d8aa3")
    pen.arc((750, 280, 860, 350), 20, 160, fill="#5d8aa3", width=4)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
