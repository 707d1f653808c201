"""Who belongs to a forum, who wants to, who may not; whom people follow."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from accounts.models import User
from forums.models.forum import Flair, Forum


class Member(models.Model):
    """A person in a forum: their home page shows it while `is_subscribed`. `permissions` (bits of forums.permissions.Right) make
    a moderator; the owner is a member too. In a private forum who has no row does not see it."""

    class Notify(models.TextChoices):
        ANSWERS = "", pgettext_lazy("what a forum tells", "Answers and mentions")
        POSTS = "posts", pgettext_lazy("what a forum tells", "Every new post, too")
        MUTED = "muted", pgettext_lazy("what a forum tells", "Nothing (muted)")

    id = models.BigAutoField(primary_key=True)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="forum_members", db_index=False)
    permissions = models.BigIntegerField(default=0, db_default=0)
    is_subscribed = models.BooleanField(default=True, db_default=True)
    notify = models.CharField(max_length=5, choices=Notify, blank=True, default="", db_default="")
    flair = models.ForeignKey(Flair, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["forum", "user"], name="forum_member_once"),
            models.CheckConstraint(condition=Q(permissions__gte=0), name="forum_member_permissions_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "forum"], name="forum_member_of_user"),
            models.Index(fields=["forum"], condition=Q(permissions__gt=0), name="forum_moderators"),
            models.Index(fields=["forum", "user"], condition=Q(notify="posts"), name="forum_member_notified"),
            models.Index(fields=["forum", "-created_at"], name="forum_member_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.forum_id}"


class JoinRequest(models.Model):
    """Somebody asks to come into a private forum. Decided ones stay as a memory of who decided."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="requests", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="forum_requests")
    text = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["forum", "user"], condition=Q(state="pending"), name="forum_request_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "accepted", "declined"]), name="forum_request_state_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["forum", "state", "created_at"], name="forum_request_queue")]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.forum_id} ({self.state})"


class Invitation(models.Model):
    """`inviter` asks `user` into the forum; gone once answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="forum_invitations")
    inviter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["forum", "user"], name="forum_invitation_once")]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.forum_id}"


class Ban(models.Model):
    """Somebody who may not take part; `until` NULL is for good. They read a public forum as a stranger does. `note` is for the
    moderators, `reason` is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="bans", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="forum_bans")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reason = models.CharField(max_length=500)
    note = models.CharField(max_length=500, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["forum", "user"], name="forum_ban_once")]
        indexes: ClassVar = [
            models.Index(fields=["forum", "-created_at"], name="forum_ban_in_forum"),
            models.Index(fields=["until"], condition=~Q(until=None), name="forum_ban_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} out of {self.forum_id}"


class Note(models.Model):
    """What moderators write down about a person, for each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="notes", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="forum_notes")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    text = models.CharField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["forum", "user", "-created_at"], name="forum_note_on_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.forum_id}"


class PersonFollow(models.Model):
    """`follower` is told of what `user` posts, where they can see it."""

    id = models.BigAutoField(primary_key=True)
    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "user"], name="person_follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("user")), name="person_follow_other"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.user_id}"


class FeedKey(models.Model):
    """What opens a person's home feed without a login: only its digest (SHA-256) is kept."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="feed_key")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user_id)
