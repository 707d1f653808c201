"""Who knows whom, and who wants nothing to do with whom."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import pgettext_lazy

from accounts.models.user import User


class FriendshipQuerySet(models.QuerySet["Friendship"]):
    def between(self, one: uuid.UUID, other: uuid.UUID) -> "FriendshipQuerySet":
        """What there is between a pair: at most one row, whoever asked."""
        return self.filter(Q(requester=one, addressee=other) | Q(requester=other, addressee=one))

    def sent_by(self, person: uuid.UUID) -> "FriendshipQuerySet":
        """The requests that the person sees as waiting for an answer: those declined in silence too."""
        return self.filter(requester=person, state__in=["pending", "declined"], withdrawn_at=None)


class Friendship(models.Model):
    """A request, and once accepted a friendship: one row for a pair, whoever asked.

    A declined request stays, so that the same person does not ask again at once; its requester is never told: they see it
    as pending, and may take it back (`withdrawn_at`) like any other.
    """

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("contact request", "Pending")
        ACCEPTED = "accepted", pgettext_lazy("contact request", "Accepted")
        DECLINED = "declined", pgettext_lazy("contact request", "Declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requester = models.ForeignKey(User, on_delete=models.CASCADE, related_name="friendships_requested")
    addressee = models.ForeignKey(User, on_delete=models.CASCADE, related_name="friendships_received")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = FriendshipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Least("requester", "addressee"), Greatest("requester", "addressee"), name="friendship_one_a_pair"
            ),
            models.CheckConstraint(condition=~Q(requester=F("addressee")), name="friendship_not_with_oneself"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "accepted", "declined"]), name="friendship_state_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["addressee", "state", "-created_at"], name="friendship_received"),
            models.Index(fields=["requester", "state", "-created_at"], name="friendship_requested"),
        ]

    def __str__(self) -> str:
        return f"{self.requester_id} – {self.addressee_id} ({self.state})"


class BlockQuerySet(models.QuerySet["Block"]):
    def between(self, one: uuid.UUID, other: uuid.UUID) -> "BlockQuerySet":
        """The blocks of a pair, whoever made them."""
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one))


class Block(models.Model):
    """`blocker` wants nothing of `blocked`; it holds both ways at every exit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_received")
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} ⊘ {self.blocked_id}"
