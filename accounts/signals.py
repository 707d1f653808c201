"""What happens between people and concerns applications above this one: they listen, in the transaction of the deed."""

from django.dispatch import Signal

# One person blocked another: `blocker_id`, `blocked_id`.
person_blocked = Signal()
