"""The tables of people; one file for each concept."""

from accounts.models.relationship import Block, Friendship
from accounts.models.user import User

__all__ = ["Block", "Friendship", "User"]
