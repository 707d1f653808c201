"""Where a page of a list ends, as the address of the next one says it: the rank and the id of its last post.

Ranks change while somebody reads: a post that fell since it was shown would come again. So the address also carries the ends of the
ids shown last, and the next page leaves these out.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from struct import Struct
from uuid import UUID

from chatter.core.errors import Refused

_HEAD = Struct(">d16s")
# Of an id (UUIDv7) the end is chance: two of a page are never alike in 48 bits.
_END = 6
SEEN_MAX = 150
LONGEST = 4 * (_HEAD.size + _END * SEEN_MAX + 2) // 3
# Before every post.
START = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """After this post. `seen`: ends of ids (hexadecimal) that were shown before."""

    key: float
    id: UUID
    seen: tuple[str, ...] = ()

    def __str__(self) -> str:
        raw = _HEAD.pack(self.key, self.id.bytes) + bytes.fromhex("".join(self.seen))
        return urlsafe_b64encode(raw).decode().rstrip("=")


def cursor_of(text: str) -> Cursor:
    """What an address says. Raises Refused("invalid")."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) <= LONGEST else b""
    except (Error, ValueError) as error:
        raise Refused("invalid") from error
    ends = raw[_HEAD.size :]
    if len(raw) < _HEAD.size or len(ends) % _END:
        raise Refused("invalid")
    key, pk = _HEAD.unpack(raw[: _HEAD.size])
    if not isfinite(key) or abs(key) >= 2**53:
        raise Refused("invalid")
    return Cursor(key, UUID(bytes=pk), tuple(ends[at : at + _END].hex() for at in range(0, len(ends), _END)))


def cursor_after(key: float, last: UUID, shown: Sequence[UUID], before: Cursor | None) -> Cursor:
    """After a page that ends with `last`; `shown` are its posts, `before` is where it began."""
    ends = (*(before.seen if before else ()), *(pk.hex[-2 * _END :] for pk in shown))
    return Cursor(key, last, ends[-SEEN_MAX:])
