"""What people think: votes on posts and comments, and the ballots of polls."""

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from forums.models.comment import Comment
from forums.models.post import Post


class Vote(models.Model):
    """Up (1) or down (-1); taken back, the row goes."""

    id = models.BigAutoField(primary_key=True)
    value = models.SmallIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class PostVote(Vote):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="votes", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="post_votes", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "user"], name="post_vote_once"),
            models.CheckConstraint(condition=Q(value__in=[-1, 1]), name="post_vote_up_or_down"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="post_vote_of_user"),
            BrinIndex(fields=["created_at"], name="post_vote_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+} on {self.post_id}"


class CommentVote(Vote):
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="votes", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="comment_votes", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "user"], name="comment_vote_once"),
            models.CheckConstraint(condition=Q(value__in=[-1, 1]), name="comment_vote_up_or_down"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="comment_vote_of_user"),
            BrinIndex(fields=["created_at"], name="comment_vote_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+} on {self.comment_id}"


class Poll(models.Model):
    """The poll of a post. Ballots are secret: who chose what is shown to nobody. `voter_count` counts people, the options
    ballots."""

    post = models.OneToOneField(Post, primary_key=True, on_delete=models.CASCADE, related_name="poll")
    is_multiple = models.BooleanField(default=False)
    may_change = models.BooleanField(default=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    voter_count = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return str(self.post_id)


class PollOption(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="options", db_index=False)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=150)
    vote_count = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["poll", "position"], name="poll_option_place_once")]

    def __str__(self) -> str:
        return self.text


class PollVote(models.Model):
    """One choice of one person."""

    id = models.BigAutoField(primary_key=True)
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="ballots", db_index=False)
    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="ballots", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["option", "user"], name="poll_choice_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["poll", "user"], name="poll_ballot_of_user")]

    def __str__(self) -> str:
        # Ballots are secret.
        return str(self.poll_id)
