"""What is said under a post: a tree of any depth."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import UUID7, Coalesce, Now

from accounts.models import User
from forums.models.forum import Rule
from forums.models.post import Post

# What a comment answers: another one, else the post. Their ids never meet.
ANSWERED = Coalesce("parent", "post")


class Comment(models.Model):
    """One comment. `number` is its place in the post; `depth` 0 answers the post itself. Tombstones (deleted) and removed ones keep
    the tree: what answers them stays. `best` is the lower bound of Wilson's interval (forums/ranking.py)."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments", db_index=False)
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    depth = models.PositiveIntegerField(default=0, db_default=0)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments", db_index=False)
    # The form's own key: sent twice, it is written once.
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    content = models.TextField(blank=True, default="", db_default="")
    html = models.TextField(blank=True, default="", db_default="")

    up_count = models.PositiveIntegerField(default=0, db_default=0)
    down_count = models.PositiveIntegerField(default=0, db_default=0)
    score = models.IntegerField(default=0, db_default=0)
    best = models.FloatField(default=0, db_default=0)
    controversy = models.FloatField(default=0, db_default=0)
    reply_count = models.PositiveIntegerField(default=0, db_default=0)

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
    search = models.GeneratedField(
        expression=models.Func(
            "content",
            function="to_tsvector",
            template="%(function)s('simple'::regconfig, %(expressions)s)",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "number"], name="comment_number_once"),
            models.UniqueConstraint(
                fields=["post", "author", "client_id"], condition=~Q(client_id=None), name="comment_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(content="", html=""), name="comment_tombstone_is_blank"
            ),
            models.CheckConstraint(
                condition=Q(parent=None, depth=0) | (Q(parent__isnull=False) & Q(depth__gt=0)),
                name="comment_depth_of_tree",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="comment_not_under_itself"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["author", "-id"], name="comment_of_author"),
            models.Index(
                fields=["post", "held_at"],
                condition=~Q(held_at=None) & Q(deleted_at=None, removed_at=None),
                name="comment_held_in_post",
            ),
            models.Index(fields=["-removed_at"], condition=~Q(removed_at=None), name="comment_removed"),
            GinIndex(fields=["search"], name="comment_search"),
            # The answers to one thing, in each order: whoever reads the first of fifty thousand reads no more than those.
            models.Index(ANSWERED, "number", name="comment_answers"),
            models.Index(ANSWERED, F("best").desc(), F("number").desc(), name="comment_answers_best"),
            models.Index(ANSWERED, F("score").desc(), F("number").desc(), name="comment_answers_top"),
            models.Index(ANSWERED, F("controversy").desc(), F("number").desc(), name="comment_answers_disputed"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} #{self.number}"

    @property
    def is_shown(self) -> bool:
        """May everybody who reads the post read what it says?"""
        return self.deleted_at is None and self.removed_at is None and self.held_at is None
