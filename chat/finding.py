"""Places that search finds besides conversations: each application that has some registers how it looks for them."""

from collections.abc import Callable

from accounts.models import User

Find = Callable[[User, str, int], list[str]]
_finds: list[Find] = []


def register(find: Find) -> None:
    """Have `find(person, words, limit)` add the html of at most `limit` places (`<li>`) that the person may open."""
    _finds.append(find)


def places_called(person: User, words: str, *, limit: int) -> list[str]:
    """The lines of all of them; none where nothing is looked for."""
    return [line for find in _finds for line in find(person, words, limit)] if words else []
