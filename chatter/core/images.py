"""Uploaded pictures become pictures that we made ourselves: decoded in a process of its own, within bounds, written as WebP.

Nothing of the upload but its pixels survives, and of a film its first picture. Knows nothing of people or places: whoever has
pictures calls `squares_of`, `fitted` or `covering`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from chatter.core import reencode
from chatter.core.errors import Refused

# What may come in: bytes, pixels (a phone's 48 megapixels are fewer in the square that is kept, not in the file), edge.
BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 50_000_000
SIDE_MAX = 16_384
# What the process may use: address space, seconds of a processor, seconds on the clock, processes at once.
MEMORY_BYTES = 1280 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20.0
AT_ONCE = 2
# Who waits for one of them holds a thread that pages and sockets need too: so many wait, for so long. Whoever brings several
# pictures waits once (`in_line`), takes turns with the others, and has so many seconds for all of them.
WAITING_MAX = 3
WAIT_SECONDS = 8.0
TOGETHER_SECONDS = 60.0
# Far more than a picture of 1600 pixels needs.
OUTPUT_MAX = 8 * 1024 * 1024

# The first bytes of what is let near a decoder. GIF, JPEG, PNG; WebP and AVIF say so a little later.
_BEGINNINGS = (b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_AVIF_BRANDS = (b"avif", b"avis")

_WRONG_TYPE = _("This is not a picture we can use: choose a PNG, JPEG, WebP, GIF or AVIF file.")
_WORDS = {
    "not_a_picture": _WRONG_TYPE,
    "broken": _("This picture is damaged or incomplete."),
    "too_many_pixels": _("This picture has too many pixels: at most 50 megapixels, and 16,384 along an edge."),
    "crop": _("The chosen part lies outside of the picture."),
    "too_slow": _("This picture is too much work. Save it as a smaller JPEG or PNG and try again."),
}

_slots = BoundedSemaphore(AT_ONCE)
_line = BoundedSemaphore(AT_ONCE + WAITING_MAX)
# Until when whoever stands in line already may begin with another picture (monotonic).
_until: ContextVar[float | None] = ContextVar("until", default=None)


class Crop(NamedTuple):
    """A square of a picture, in its own pixels once it stands upright: as browsers measure it."""

    left: int
    top: int
    side: int


class Fitted(NamedTuple):
    """One file that was made, and what it measures."""

    content: bytes
    width: int
    height: int


def squares_of(upload: bytes, sizes: Sequence[int], crop: Crop | None = None) -> dict[int, bytes]:
    """`upload` as WebP squares, one for each of `sizes` (pixels); without `crop` its middle. Takes up to WALL_SECONDS.

    Raises Refused: "invalid" for whatever is no picture, damaged, too large or badly cropped, "rate_limited" while too
    many others are at it.
    """
    return {size: file.content for size, file in _made(upload, "square", sizes, crop=crop).items()}


def fitted(upload: bytes, edges: Sequence[int]) -> dict[int, Fitted]:
    """`upload` in its own proportions, its longer edge at most each of `edges`; never enlarged. Raises as `squares_of`."""
    return _made(upload, "fit", edges)


def covering(upload: bytes, widths: Sequence[int], ratio: tuple[int, int]) -> dict[int, Fitted]:
    """The middle of `upload`, cut to `ratio` (width to height), at most as wide as each of `widths`; never enlarged."""
    return _made(upload, "cover", widths, ratio=ratio)


@contextmanager
def in_line() -> Iterator[None]:
    """Several pictures by one person: they wait in line once. Raises Refused where too many do."""
    if not _line.acquire(blocking=False):
        raise _busy()
    token = _until.set(time.monotonic() + TOGETHER_SECONDS)
    try:
        yield
    finally:
        _until.reset(token)
        _line.release()


def _busy() -> Refused:
    words = _("Many pictures are being uploaded right now. Try again.")
    return Refused("rate_limited", words, retry_after=WAIT_SECONDS)


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few processes at once, after a short wait. Raises Refused where that takes too long."""
    until = _until.get()
    with in_line() if until is None else nullcontext():
        if until is not None and time.monotonic() > until:
            raise Refused("invalid", _WORDS["too_slow"])
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            _slots.release()


def _made(
    upload: bytes,
    shape: str,
    sizes: Sequence[int],
    *,
    crop: Crop | None = None,
    ratio: tuple[int, int] | None = None,
) -> dict[int, Fitted]:
    _check_before(upload, crop)
    with _turn():
        head, files = _run(upload, {"shape": shape, "sizes": list(sizes), "crop": crop, "ratio": ratio})
    if "refused" in head:
        raise Refused("invalid", _WORDS.get(head["refused"], _WORDS["broken"]))
    parts = _parted(files, head["lengths"], len(sizes))
    return dict(zip(sizes, _measured(parts, head.get("sizes"), sizes), strict=True))


def _check_before(upload: bytes, crop: Crop | None) -> None:
    """What can be said without decoding anything."""
    if len(upload) > BYTES_MAX:
        raise Refused("invalid", _("This file is too large: at most 10 MB."))
    if not upload:
        raise Refused("invalid", _("This file is empty."))
    if not _begins_like_a_picture(upload):
        raise Refused("invalid", _WRONG_TYPE)
    if crop and (min(crop.left, crop.top) < 0 or crop.side < 1 or max(crop) > SIDE_MAX):
        raise Refused("invalid", _WORDS["crop"])


def _begins_like_a_picture(upload: bytes) -> bool:
    if upload.startswith(_BEGINNINGS):
        return True
    is_webp = upload[:4] == b"RIFF" and upload[8:12] == b"WEBP"
    # "mif1" and the like may stand first, the real brand among those that follow (ISO 14496-12, ftyp).
    is_avif = upload[4:8] == b"ftyp" and any(brand in upload[8:64] for brand in _AVIF_BRANDS)
    return is_webp or is_avif


def _run(upload: bytes, wanted: dict[str, Any]) -> tuple[dict, bytes]:
    """The program's head and files. Whatever ended it before it could say something was too much."""
    asked = wanted | {"pixels": PIXELS_MAX, "side": SIDE_MAX, "memory": MEMORY_BYTES, "cpu": CPU_SECONDS}
    program = [sys.executable, "-I", str(Path(reencode.__file__)), json.dumps(asked)]
    try:
        done = subprocess.run(
            program, check=False, input=upload, capture_output=True, timeout=WALL_SECONDS, env={}, cwd="/"
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_slow"}, b""
    if done.returncode != 0 or len(done.stdout) > OUTPUT_MAX:
        return {"refused": "too_slow"}, b""
    head, _line, files = done.stdout.partition(b"\n")
    return json.loads(head), files


def _parted(files: bytes, lengths: Sequence[int], count: int) -> list[bytes]:
    """The files, each of which is what it should be: the program read what a stranger made."""
    parts, at = [], 0
    for length in lengths:
        parts.append(files[at : at + length])
        at += length
    if (
        len(parts) != count
        or at != len(files)
        or not all(part[:4] == b"RIFF" and part[8:12] == b"WEBP" for part in parts)
    ):
        raise Refused("invalid", _WORDS["broken"])
    return parts


def _measured(parts: list[bytes], told: Any, sizes: Sequence[int]) -> list[Fitted]:
    """The files with what they measure; nothing measures more than was asked for."""
    fits = isinstance(told, list) and len(told) == len(sizes)
    if not fits or not all(_is_within(measure, size) for measure, size in zip(told, sizes, strict=True)):
        raise Refused("invalid", _WORDS["broken"])
    return [Fitted(part, *measure) for part, measure in zip(parts, told, strict=True)]


def _is_within(measure: Any, size: int) -> bool:
    return (
        isinstance(measure, list)
        and len(measure) == 2
        and all(type(edge) is int and 1 <= edge <= size for edge in measure)
    )
