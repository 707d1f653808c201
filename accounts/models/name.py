"""The usernames people had before."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now, Upper

from accounts.models.user import User


class FormerName(models.Model):
    """A username that `user` gave up: links with it lead to them, until somebody else is called so."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_names", db_index=False)
    username = models.CharField(max_length=50)
    given_up_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Upper("username"), name="former_name_once")]
        indexes: ClassVar = [models.Index(fields=["user", "-given_up_at"], name="former_name_of_user")]

    def __str__(self) -> str:
        return f"{self.username}, once of {self.user_id}"
