"""A forum and what is its own: rules, flairs, former addresses, days."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.user import hue_of, initials_of

ICON_SIZES = (64, 128, 512)
# How wide the files of a banner are; it is a third as high.
BANNER_EDGES = (750, 1500)
HUES = 12


class ForumQuerySet(models.QuerySet["Forum"]):
    def alive(self) -> "ForumQuerySet":
        """Forums that nobody asked to delete."""
        return self.filter(deletion_due_at=None)


class Forum(models.Model):
    """A place of posts. Its owner stands above all moderators. `last_number`, `post_count` and `member_count` are counted under
    its row lock: posts ever numbered, posts that are listed, members."""

    class Posting(models.TextChoices):
        EVERYONE = "everyone", pgettext_lazy("who may post", "Everybody")
        MEMBERS = "members", pgettext_lazy("who may post", "Members")
        MODERATORS = "moderators", pgettext_lazy("who may post", "Moderators")

    class Holding(models.TextChoices):
        NOTHING = "nothing", pgettext_lazy("what waits for approval", "Nothing")
        NEWCOMERS = "newcomers", pgettext_lazy("what waits for approval", "What newcomers write")
        POSTS = "posts", pgettext_lazy("what waits for approval", "Every post")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(_("address"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=500, blank=True, default="")
    icon = models.CharField(max_length=32, blank=True, default="", editable=False)
    banner = models.CharField(max_length=32, blank=True, default="", editable=False)
    is_public = models.BooleanField(_("public"), default=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="forums_owned")

    posting = models.CharField(max_length=10, choices=Posting, default=Posting.EVERYONE)
    # Kinds of posts that are not posted here.
    kinds_off = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    holding = models.CharField(max_length=9, choices=Holding, default=Holding.NOTHING)
    scores_hidden_minutes = models.PositiveIntegerField(default=0)
    is_nsfw = models.BooleanField(default=False)
    needs_flair = models.BooleanField(default=False)
    takes_requests = models.BooleanField(default=True)
    is_log_public = models.BooleanField(default=False)

    member_count = models.PositiveIntegerField(default=0, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    deletion_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ForumQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="forum_has_name"),
            models.CheckConstraint(
                condition=Q(posting__in=["everyone", "members", "moderators"]), name="forum_posting_known"
            ),
            models.CheckConstraint(
                condition=Q(holding__in=["nothing", "newcomers", "posts"]), name="forum_holding_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-member_count", "id"],
                condition=Q(is_public=True, deletion_due_at=None),
                name="forum_directory",
            ),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("description"), name="gin_trgm_ops"),
                condition=Q(is_public=True, deletion_due_at=None),
                name="forum_words",
            ),
            models.Index(fields=["deletion_due_at"], condition=~Q(deletion_due_at=None), name="forum_deletion_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("forum", args=[self.slug])

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    def icon_url(self, size: int) -> str:
        """Where the icon is served, `size` (one of ICON_SIZES) pixels wide and high; "" where initials stand for the forum."""
        return reverse("forum_icon", args=[self.icon, size]) if self.icon else ""

    def banner_url(self, edge: int = BANNER_EDGES[-1]) -> str:
        """Where the banner is served, at most `edge` pixels wide; "" without one."""
        return reverse("forum_banner", args=[self.banner, edge]) if self.banner else ""

    @property
    def banner_srcset(self) -> str:
        return ", ".join(f"{self.banner_url(edge)} {edge}w" for edge in BANNER_EDGES)


class FormerSlug(models.Model):
    """An address the forum had: it leads to the present one, and no other forum takes it."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=50, unique=True)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="former_slugs")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


class Rule(models.Model):
    """What a forum asks of its people. Removals name one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="rules", db_index=False)
    position = models.IntegerField(default=0)
    title = models.CharField(max_length=100)
    text = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["forum", "position"], name="rule_in_forum")]

    def __str__(self) -> str:
        return self.title


class Flair(models.Model):
    """A coloured word for posts, or for people in their forum. Some are given by moderators only."""

    class Kind(models.TextChoices):
        POST = "post", pgettext_lazy("flair", "Posts")
        MEMBER = "member", pgettext_lazy("flair", "People")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="flairs", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.POST)
    name = models.CharField(max_length=64)
    hue = models.PositiveSmallIntegerField(default=0)
    is_for_moderators = models.BooleanField(default=False)
    position = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["post", "member"]), name="flair_kind_known"),
            models.CheckConstraint(condition=Q(hue__lt=HUES), name="flair_hue_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["forum", "kind", "position"], name="flair_in_forum")]

    def __str__(self) -> str:
        return self.name


class ForumDay(models.Model):
    """What happened in a forum on one day (UTC). Comings and goings are counted as they happen, the rest by the clock."""

    id = models.BigAutoField(primary_key=True)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    posts = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    votes = models.PositiveIntegerField(default=0)
    active = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["forum", "day"], name="forum_day_once")]

    def __str__(self) -> str:
        return f"{self.forum_id} {self.day}"
