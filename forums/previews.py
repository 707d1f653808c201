"""What linked pages say of themselves, asked by the worker: beside link posts, and as a title to suggest while one is written."""

from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.background import background, enqueue_once
from accounts.models import User
from chatter.core.errors import Refused
from chatter.core.limits import check_limit
from chatter.core.link_preview import NoPreview, clean_url, picture_of, preview_of
from forums.albums import POSTS
from forums.models import LinkLook, Post, PostImage
from forums.telling import tell_post

WAITING, READY, FAILED = "waiting", "ready", "failed"
# A look is good for so long; then the page is asked again.
FRESH = timedelta(hours=1)
LOOKS_PER_TEN_MINUTES = 30
TRIES = 4
# A page that is away for longer is not waited for any more.
ASKED_FOR = timedelta(minutes=5)


def ask_preview(post: Post) -> None:
    """Have the worker look at what the post links. In the transaction that makes it."""
    Post.objects.filter(pk=post.pk).update(preview={"state": WAITING})
    post.preview = {"state": WAITING}
    fetch_preview.enqueue(str(post.pk))


@background(retries=TRIES)
def fetch_preview(post_id: str) -> None:
    """Write what the linked page says beside the post, with its picture made anew by us: that is a picture of the post."""
    post = Post.objects.filter(pk=post_id, kind=Post.Kind.LINK, deleted_at=None).first()
    if post is None or post.preview.get("state") != WAITING:
        return
    try:
        said = _said_by(post.url)
    except NoPreview as silence:
        if silence.again and timezone.now() - post.created_at < ASKED_FOR:
            raise
        said = {"state": FAILED}
    _keep(UUID(post_id), said)


def _said_by(url: str) -> dict[str, Any]:
    """Raises NoPreview."""
    found = preview_of(url)
    return {
        "state": READY,
        "title": found.title,
        "description": found.description,
        "site": found.site_name,
        "image": _picture(found.image_url),
    }


def _picture(url: str) -> dict[str, Any]:
    """The picture a page names, stored; {} where it cannot be had. It is worth no second try."""
    if not url:
        return {}
    try:
        stored = POSTS.put(picture_of(url))
    except (NoPreview, Refused):
        return {}
    return {"key": stored.key, "width": stored.width, "height": stored.height}


def _keep(post_id: UUID, said: dict[str, Any]) -> None:
    """Only where it is still waited for: the post may be gone, or another worker was first."""
    image = said.get("image", {})
    with transaction.atomic():
        post = Post.objects.select_for_update(no_key=True).filter(pk=post_id, deleted_at=None).first()
        if post is not None and post.preview.get("state") == WAITING:
            Post.objects.filter(pk=post_id).update(preview=said)
            if image:
                PostImage.objects.create(post=post, position=0, **image)
            tell_post(post_id, post.forum_id)
            return
    if image:
        POSTS.delete(image["key"])


def look_at(url: str, asker: User) -> LinkLook:
    """What is known of the page, and a look at it by the worker where nothing is: of those nobody causes many. Raises ValueError for
    what is no address, Refused."""
    address = clean_url(url)
    digest = sha256(address.encode()).hexdigest()
    with transaction.atomic():
        stale = timezone.now() - FRESH
        LinkLook.objects.filter(digest=digest, created_at__lt=stale).delete()
        look, is_new = LinkLook.objects.get_or_create(digest=digest, defaults={"url": address})
        if is_new:
            check_limit("forum_look", asker.pk, limit=LOOKS_PER_TEN_MINUTES, seconds=600)
            enqueue_once(fetch_look, digest)
    return look


@background(retries=0)
def fetch_look(digest: str) -> None:
    """Somebody is waiting before their form: one try."""
    look = LinkLook.objects.filter(digest=digest, is_done=False).first()
    if look is None:
        return
    found: dict[str, Any] = {}
    with suppress(NoPreview):
        found = {"title": preview_of(look.url).title}
    LinkLook.objects.filter(digest=digest).update(is_done=True, found=found)
