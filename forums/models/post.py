"""What is posted, and what hangs on it besides votes and comments."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import UUID7, Now
from django.utils.translation import pgettext_lazy

from accounts.models import User
from chat.models import Conversation
from forums.models.forum import Flair, Forum, Rule

# What lists and counts: neither deleted by its author, nor removed or held by moderators.
LISTED = Q(deleted_at=None, removed_at=None, held_at=None)


class Post(models.Model):
    """One post. `number` is its place in the forum and in its address. `html` is rendered once, when written; `excerpt` is its
    first plain words. A deleted one is a tombstone: title, text, address and search words are blank. A removed one keeps them for
    the moderators, a held one waits for them. Counts, score and ranks change with the votes, under the row's lock.
    """

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("post", "Text")
        LINK = "link", pgettext_lazy("post", "Link")
        IMAGE = "image", pgettext_lazy("post", "Pictures")
        POLL = "poll", pgettext_lazy("post", "Poll")

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="posts", db_index=False)
    number = models.PositiveIntegerField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts", db_index=False)
    # Names the sending: the same form sent twice makes one post.
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.TEXT)
    title = models.CharField(max_length=300, blank=True)
    content = models.TextField(blank=True, default="", db_default="")
    html = models.TextField(blank=True, default="", db_default="")
    excerpt = models.CharField(max_length=300, blank=True, default="", db_default="")
    url = models.CharField(max_length=2000, blank=True, default="", db_default="")
    # What the linked page says of itself: {"state": "waiting" | "ready" | "failed", "title", "description", "site", "image": {…}}.
    preview = models.JSONField(default=dict, db_default={}, blank=True)
    cross_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="crosses")
    flair = models.ForeignKey(Flair, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_spoiler = models.BooleanField(default=False, db_default=False)
    is_nsfw = models.BooleanField(default=False, db_default=False)

    up_count = models.PositiveIntegerField(default=0, db_default=0)
    down_count = models.PositiveIntegerField(default=0, db_default=0)
    score = models.IntegerField(default=0, db_default=0)
    hot = models.FloatField(default=0, db_default=0)
    controversy = models.FloatField(default=0, db_default=0)
    comment_count = models.PositiveIntegerField(default=0, db_default=0)
    last_comment_number = models.PositiveIntegerField(default=0, db_default=0)

    pinned_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    removed_for = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    removal_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    discussion = models.OneToOneField(
        Conversation, null=True, blank=True, on_delete=models.SET_NULL, related_name="discussed_post"
    )
    search = models.GeneratedField(
        expression=models.Func(
            "title",
            "content",
            function="setweight",
            template="setweight(to_tsvector('simple'::regconfig, %(expressions)s), 'B')",
            arg_joiner="::text), 'A') || setweight(to_tsvector('simple'::regconfig, ",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["forum", "number"], name="post_number_once"),
            models.UniqueConstraint(
                fields=["author", "client_id"], condition=~Q(client_id=None), name="post_sent_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=["text", "link", "image", "poll"]), name="post_kind_known"),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(title="", content="", html="", excerpt="", url=""),
                name="post_tombstone_is_blank",
            ),
            models.CheckConstraint(condition=~Q(deleted_at=None) | ~Q(title=""), name="post_has_title"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["forum", "-hot", "-id"], condition=LISTED, name="post_hot_in_forum"),
            models.Index(fields=["forum", "-id"], condition=LISTED, name="post_new_in_forum"),
            models.Index(fields=["forum", "-score", "-id"], condition=LISTED, name="post_top_in_forum"),
            models.Index(fields=["forum", "-controversy", "-id"], condition=LISTED, name="post_disputed_in_forum"),
            models.Index(fields=["-hot", "-id"], condition=LISTED, name="post_hot"),
            models.Index(fields=["-id"], condition=LISTED, name="post_new"),
            models.Index(fields=["-score", "-id"], condition=LISTED, name="post_top"),
            models.Index(fields=["-controversy", "-id"], condition=LISTED, name="post_disputed"),
            models.Index(fields=["author", "-id"], name="post_of_author"),
            models.Index(
                fields=["forum", "-pinned_at"], condition=LISTED & ~Q(pinned_at=None), name="post_pinned_in_forum"
            ),
            models.Index(
                fields=["forum", "held_at"],
                condition=~Q(held_at=None) & Q(deleted_at=None, removed_at=None),
                name="post_held_in_forum",
            ),
            models.Index(fields=["forum", "-removed_at"], condition=~Q(removed_at=None), name="post_removed_in_forum"),
            models.Index(fields=["forum"], condition=~Q(discussion=None), name="post_discussed_in_forum"),
            GinIndex(fields=["search"], name="post_search"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.forum_id} #{self.number}"

    @property
    def is_listed(self) -> bool:
        """As `LISTED`: does it stand in lists?"""
        return self.deleted_at is None and self.removed_at is None and self.held_at is None


class PostImage(models.Model):
    """A picture of a post, made by us from what was uploaded. `key` names its files."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="images", db_index=False)
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "position"], name="post_image_place_once")]

    def __str__(self) -> str:
        return self.key


class Revision(models.Model):
    """What a post or a comment said before. Written by a trigger only, so that no path can forget it; nobody can change it,
    and the database deletes it with what it is the history of."""

    class Kind(models.TextChoices):
        EDITED = "edited"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    post = models.ForeignKey(Post, null=True, on_delete=models.DO_NOTHING, related_name="revisions", db_index=False)
    comment = models.ForeignKey(
        "forums.Comment", null=True, on_delete=models.DO_NOTHING, related_name="revisions", db_index=False
    )
    kind = models.CharField(max_length=7, choices=Kind)
    title = models.CharField(max_length=300, blank=True, default="")
    content = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(post=None, comment__isnull=False) | Q(post__isnull=False, comment=None),
                name="forum_revision_of_one",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["post", "created_at"], condition=~Q(post=None), name="revision_of_post"),
            models.Index(fields=["comment", "created_at"], condition=~Q(comment=None), name="revision_of_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id or self.comment_id} {self.kind} {self.created_at:%Y-%m-%d %H:%M}"


class Draft(models.Model):
    """A post that is not finished: its author's alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    forum = models.ForeignKey(Forum, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Post.Kind, default=Post.Kind.TEXT)
    title = models.CharField(max_length=300, blank=True, default="")
    content = models.TextField(blank=True, default="")
    url = models.CharField(max_length=2000, blank=True, default="")
    options = ArrayField(models.CharField(max_length=150), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["author", "-updated_at"], name="draft_of_author")]

    def __str__(self) -> str:
        return self.title or str(self.pk)


class PostFollow(models.Model):
    """`user` is told of new comments on the post. `is_on` False: they do not want to be, though they wrote it."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="follows", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="post_follows")
    is_on = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "user"], name="post_follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.post_id}"


class Saved(models.Model):
    """A post that somebody put aside for later, for themselves."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="saves", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_posts", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "user"], name="saved_post_once")]
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="saved_by_user")]

    def __str__(self) -> str:
        return f"{self.post_id} by {self.user_id}"


class Origin(models.Model):
    """The messages of a conversation that a post was made of, by their numbers."""

    post = models.OneToOneField(Post, primary_key=True, on_delete=models.CASCADE, related_name="origin")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    numbers = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.post_id} from {self.conversation_id}"
