"""Pictures that wait for a post: taken one by one while it is written, deleted when none comes."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import Refused
from chatter.core.limits import check_limit
from forums.albums import POSTS
from forums.models import LinkLook, PostImage, Upload

WAITING_MAX = 30
PER_HOUR = 120
KEPT = timedelta(days=1)


def add_upload(*, author: User, upload: bytes) -> Upload:
    """A picture made of `upload`, for a post to come. Raises Refused."""
    check_member(author)
    check_limit("forum_picture", author.pk, limit=PER_HOUR, seconds=3600)
    _check_room(author)
    stored = POSTS.put(upload)
    try:
        with transaction.atomic():
            # Locked: their pictures are counted.
            User.objects.select_for_update(no_key=True).get(pk=author.pk)
            _check_room(author)
            return Upload.objects.create(author=author, key=stored.key, width=stored.width, height=stored.height)
    except BaseException:
        POSTS.delete(stored.key)
        raise


def remove_upload(*, author: User, upload_id: UUID) -> None:
    """Taken by a post or removed already is fine, too."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(author=author, pk=upload_id).first()
        if upload is not None:
            upload.delete()
            transaction.on_commit(lambda: POSTS.delete(upload.key), robust=True)


def tidy_uploads() -> int:
    """By the clock: pictures no post took, files nobody points to, looks at links that grew old. Returns how many files went."""
    before = timezone.now() - KEPT
    Upload.objects.filter(created_at__lt=before).delete()
    LinkLook.objects.filter(created_at__lt=before).delete()
    kept = set(PostImage.objects.values_list("key", flat=True)) | set(Upload.objects.values_list("key", flat=True))
    return POSTS.sweep(kept)


def _check_room(author: User) -> None:
    if Upload.objects.filter(author=author).count() >= WAITING_MAX:
        raise Refused("forbidden", _("You have chosen many pictures that no post has taken. Use or remove some first."))
