"""What has to go when an account is erased: each application registers how it forgets a person. Safe to do again."""

from collections.abc import Callable

from accounts.models import User

type Erase = Callable[[User], None]

_erasers: dict[str, Erase] = {}


def register(name: str, erase: Erase) -> None:
    """`erase(person)` is called while the person still has their names. It may be called again when it was interrupted."""
    _erasers[name] = erase


def erasers() -> list[Erase]:
    return list(_erasers.values())
