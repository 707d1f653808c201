"""Posts are made here. Changed and deleted: posts_change.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import likeness, tidy_name
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.link_preview import clean_url
from chatter.core.text import clean_text, render
from forums.actions.drafts import forget_draft
from forums.actions.votes import rank
from forums.holding import holds
from forums.models import Flair, Forum, Poll, PollOption, Post, PostImage, PostVote, Upload
from forums.occasions import mentions_for, note_post
from forums.permissions import Right, Standing, check_posts, locked_forum_for, may_read, seen_posts, standing_in
from forums.previews import ask_preview

TITLE_MAX = 300
CONTENT_MAX = 20_000
ALT_MAX = 500
IMAGES_MAX = 10
OPTIONS_MIN, OPTIONS_MAX, OPTION_MAX = 2, 10, 150
POLL_SHORTEST, POLL_LONGEST = timedelta(minutes=5), timedelta(days=366)
POSTS_PER_HOUR = 20


@dataclass(frozen=True)
class Picture:
    """An upload that the post takes (forums/actions/pictures.py), and what it shows in words."""

    upload_id: UUID
    alt: str = ""


@dataclass(frozen=True)
class PollWish:
    options: Sequence[str]
    is_multiple: bool = False
    may_change: bool = True
    closes_at: datetime | None = None


def check_pace(author: User) -> None:
    """Whoever posts by hand does not post more often than this. Raises Refused."""
    check_limit("forum_post", author.pk, limit=POSTS_PER_HOUR, seconds=3600)


class Wish(TypedDict, total=False):
    """What a post may have besides its title."""

    content: str
    kind: str
    url: str
    images: Sequence[Picture]
    poll: PollWish | None
    flair_id: UUID | None
    is_spoiler: bool
    is_nsfw: bool
    cross_of: UUID | None
    # Named by the form: sent twice, it makes one post.
    client_id: UUID | None
    # What it was made of, and goes with it.
    draft_id: UUID | None


def create_post(*, author: User, forum_id: UUID, title: str, **wish: Unpack[Wish]) -> Post:
    """A post, with its author's vote. Sent again with the same `client_id`, the first one. Raises NotFound or Refused."""
    post, client_id, cross_of = _post_of(author, title, wish), wish.get("client_id"), wish.get("cross_of")
    text = checked_content(wish.get("content", ""))
    poll = _checked_poll(post.kind, wish.get("poll"))
    with transaction.atomic():
        standing = locked_forum_for(author, forum_id)
        # Under the lock of the forum: whoever sends the same at once waits here.
        if client_id and (sent := Post.objects.filter(author=author, client_id=client_id).first()):
            return sent
        check_posts(standing)
        post.forum, post.number = standing.forum, standing.forum.last_number + 1
        post.cross_of = _original(author, cross_of) if cross_of else None
        check_kind(standing, post.cross_of.kind if post.cross_of else post.kind)
        post.flair = chosen_flair(standing, wish.get("flair_id"))
        put_text(post, text)
        if holds(standing, author):
            post.held_at = post.created_at
        rank(post)
        post.save(force_insert=True)
        _hang(post, wish.get("images", ()), poll)
        PostVote.objects.create(post=post, user=author, value=1)
        listed = F("post_count") + int(post.held_at is None)
        Forum.objects.filter(pk=standing.forum.pk).update(last_number=post.number, post_count=listed)
        forget_draft(author, wish.get("draft_id"))
        note_post(post)
    return post


def _post_of(author: User, title: str, wish: Wish) -> Post:
    """The post as far as nobody need be asked. Raises Refused."""
    kind = Post.Kind.TEXT if wish.get("cross_of") else wish.get("kind", Post.Kind.TEXT)
    if kind not in Post.Kind.values:
        raise Refused("invalid")
    return Post(
        author=author,
        client_id=wish.get("client_id"),
        kind=kind,
        title=checked_title(title),
        url=_checked_address(kind, wish.get("url", "")),
        is_spoiler=wish.get("is_spoiler", False),
        is_nsfw=wish.get("is_nsfw", False),
        created_at=timezone.now(),
        up_count=1,
    )


def checked_title(raw: str) -> str:
    """One line that says something. Raises Refused."""
    title = tidy_name(raw)
    if not likeness(title):
        raise Refused("invalid", _("A post needs a title."))
    if len(title) > TITLE_MAX:
        raise Refused("too_long", _("A title has at most 300 characters."))
    return title


def checked_content(raw: str) -> str:
    """The text as it is stored. Raises Refused."""
    try:
        text = clean_text(raw)
    except ValueError:
        raise Refused("invalid", _("This text contains characters that cannot be stored.")) from None
    if len(text) > CONTENT_MAX:
        raise Refused("too_long", _("A post has at most 20,000 characters."))
    return text


def checked_alt(raw: str) -> str:
    """What a picture shows, in words. Raises Refused."""
    alt = tidy_name(raw)
    if len(alt) > ALT_MAX:
        raise Refused("too_long", _("The description of a picture has at most 500 characters."))
    return alt


def put_text(post: Post, text: str) -> None:
    """The post says `text`: rendered once, here, with the people whom its author may mention."""
    rendered = render(text, mentions=mentions_for(post.author, post.forum, text))
    post.content, post.html, post.excerpt = text, rendered.html, rendered.plain[:300]


def check_kind(standing: Standing, kind: str) -> None:
    """Raises Refused where the forum does not take posts of that kind."""
    if kind in standing.forum.kinds_off:
        raise Refused("forbidden", _("This forum does not take posts of this kind."))


def chosen_flair(standing: Standing, flair_id: UUID | None) -> Flair | None:
    """The flair, if the person may give it. Raises Refused."""
    if flair_id is None:
        if standing.forum.needs_flair and not standing.can(Right.POSTS):
            raise Refused("invalid", _("Posts in this forum need a flair: choose one."))
        return None
    flair = Flair.objects.filter(pk=flair_id, forum=standing.forum, kind=Flair.Kind.POST).first()
    if flair is None or (flair.is_for_moderators and not standing.can(Right.POSTS)):
        raise Refused("invalid", _("This flair cannot be chosen."))
    return flair


def _checked_address(kind: str, raw: str) -> str:
    if kind != Post.Kind.LINK:
        return ""
    try:
        return clean_url(raw)
    except ValueError:
        raise Refused(
            "invalid", _("This is not an address of a web page: it begins with https:// or http://.")
        ) from None


def _checked_poll(kind: str, wish: PollWish | None) -> PollWish | None:
    """The wish with options that can be told apart. Raises Refused."""
    if kind != Post.Kind.POLL:
        return None
    given = [] if wish is None else [tidy_name(each) for each in wish.options]
    options = [each for each in given if likeness(each)]
    if wish is None or not OPTIONS_MIN <= len(options) <= OPTIONS_MAX:
        raise Refused("invalid", _("A poll needs 2 to 10 options."))
    if any(len(each) > OPTION_MAX for each in options):
        raise Refused("too_long", _("An option has at most 150 characters."))
    if len({likeness(each) for each in options}) < len(options):
        raise Refused("invalid", _("Two options of the poll are the same."))
    if wish.closes_at and not POLL_SHORTEST <= wish.closes_at - timezone.now() <= POLL_LONGEST:
        raise Refused("invalid", _("A poll is open for at least 5 minutes and at most a year."))
    return PollWish(options, wish.is_multiple, wish.may_change, wish.closes_at)


def _original(author: User, post_id: UUID) -> Post:
    """The post that is posted once more: what it is itself made of, if it is such a one. Raises NotFound or Refused."""
    asked = Post.objects.filter(pk=post_id).first()
    if asked is None:
        raise NotFound
    standing = standing_in(asked.forum_id, author)
    if not seen_posts(standing).filter(pk=asked.pk).exists():
        raise NotFound
    if asked.cross_of_id:
        return _original(author, asked.cross_of_id)
    if not (may_read(standing, asked) and asked.is_listed):
        raise Refused("locked", _("This post is gone; it cannot be posted once more."))
    if not standing.forum.is_public:
        raise Refused("forbidden", _("What is posted in a private forum stays there."))
    return asked


def _hang(post: Post, images: Sequence[Picture], wish: PollWish | None) -> None:
    """What the post has beside its text: pictures, a poll, the preview of its link."""
    if post.kind == Post.Kind.IMAGE:
        _take_pictures(post, images)
    elif wish is not None:
        poll = Poll.objects.create(
            post=post, is_multiple=wish.is_multiple, may_change=wish.may_change, closes_at=wish.closes_at
        )
        PollOption.objects.bulk_create(
            PollOption(poll=poll, position=position, text=text) for position, text in enumerate(wish.options)
        )
    elif post.kind == Post.Kind.LINK:
        ask_preview(post)


def _take_pictures(post: Post, images: Sequence[Picture]) -> None:
    """The author's uploads become the post's pictures, in this order. Raises Refused."""
    if not 1 <= len(images) <= IMAGES_MAX:
        raise Refused("invalid", _("A post of pictures has 1 to 10 of them."))
    mine = Upload.objects.select_for_update().filter(author=post.author, pk__in=[each.upload_id for each in images])
    uploads = {upload.pk: upload for upload in mine}
    if len(uploads) < len(images):
        raise Refused("invalid", _("A picture is missing: choose it again."))
    taken = [(uploads[each.upload_id], checked_alt(each.alt)) for each in images]
    PostImage.objects.bulk_create(
        PostImage(post=post, position=position, key=upload.key, width=upload.width, height=upload.height, alt=alt)
        for position, (upload, alt) in enumerate(taken)
    )
    mine.delete()
