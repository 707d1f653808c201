"""Pictures that people upload, in the storage: one folder for each sort of them, files under random keys. Nothing that people
choose is part of a name. Knows nothing of whose they are: rows keep the keys."""

import logging
import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatter.core.errors import Refused
from chatter.core.images import Crop, covering, fitted, in_line, squares_of

log = logging.getLogger(__name__)

# Files nobody points to: older than this they are not on their way to somebody either.
ORPHANED_AFTER = timedelta(days=1)
# As many pictures come with one form.
TOGETHER_MAX = 10
_FILE = re.compile(r"\A([0-9a-f]{32})-\d+\.webp\Z")
# A key is never used for another picture.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Stored(NamedTuple):
    """A picture that was put away: its key, and what its largest file measures."""

    key: str
    width: int
    height: int


@dataclass(frozen=True)
class _Folder:
    """The pictures of one sort, each with a file for each of its sizes."""

    folder: str

    @property
    def every_size(self) -> Sequence[int]:
        raise NotImplementedError

    def name_of(self, key: str, size: int) -> str:
        """The storage's name of the picture with this key."""
        return f"{self.folder}/{key[:2]}/{key}-{size}.webp"

    def delete(self, key: str) -> None:
        """The files of a picture that nobody has any more. What cannot be deleted now `sweep` finds."""
        for size in self.every_size:
            try:
                default_storage.delete(self.name_of(key, size))
            except OSError:
                log.warning("A picture's file could not be deleted", exc_info=True)

    def sweep(self, kept: Collection[str]) -> int:
        """Delete the files of all keys but these (somebody was interrupted, or the storage was away). Returns how many pictures."""
        lost = set(self._old_keys()) - set(kept)
        for key in lost:
            self.delete(key)
        return len(lost)

    def answer(self, key: str, size: int) -> HttpResponse:
        """The file as a page asks for it. Who knows its key was shown it; keys cannot be guessed."""
        try:
            with default_storage.open(self.name_of(key, size)) as file:
                content = file.read()
        except FileNotFoundError:
            return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
        return HttpResponse(content, content_type="image/webp", headers=_HEADERS)

    def _store(self, files: Mapping[int, bytes]) -> str:
        """Write the files under a new key; all of them or none."""
        key = secrets.token_hex(16)
        try:
            for size, content in files.items():
                _write(self.name_of(key, size), content)
        except BaseException:
            self.delete(key)
            raise
        return key

    def _old_keys(self) -> Iterator[str]:
        """Keys of pictures that have lain in the storage for a while."""
        before = timezone.now() - ORPHANED_AFTER
        try:
            folders, _files = default_storage.listdir(self.folder)
        except FileNotFoundError:
            return
        for folder in folders:
            _folders, files = default_storage.listdir(f"{self.folder}/{folder}")
            for name in files:
                match = _FILE.match(name)
                if match and default_storage.get_modified_time(f"{self.folder}/{folder}/{name}") < before:
                    yield match[1]


@dataclass(frozen=True)
class Shelf(_Folder):
    """Squares of `sizes` pixels."""

    sizes: Sequence[int]

    @property
    def every_size(self) -> Sequence[int]:
        return self.sizes

    def put(self, upload: bytes, crop: Crop | None = None) -> str:
        """Store `upload` as squares; returns their key. Raises Refused, and then nothing is left behind."""
        return self._store(squares_of(upload, self.sizes, crop))


@dataclass(frozen=True)
class Album(_Folder):
    """Pictures in their own proportions, the longer edge at most each of `edges`; with `cover` (width to height, say 3 to 1) their
    middle, at most so wide. None is larger than what was uploaded."""

    edges: Sequence[int]
    cover: tuple[int, int] | None = None

    @property
    def every_size(self) -> Sequence[int]:
        return self.edges

    def put(self, upload: bytes) -> Stored:
        """Store `upload`. Raises Refused, and then nothing is left behind."""
        files = covering(upload, self.edges, self.cover) if self.cover else fitted(upload, self.edges)
        largest = files[max(self.edges)]
        return Stored(self._store({edge: file.content for edge, file in files.items()}), largest.width, largest.height)

    def put_all(self, uploads: Sequence[bytes]) -> list[Stored]:
        """Store all of them, in their order, or none: who brings ten waits in line once. Raises Refused."""
        if len(uploads) > TOGETHER_MAX:
            raise Refused("invalid", _("These are too many pictures: at most %(most)d.") % {"most": TOGETHER_MAX})
        stored: list[Stored] = []
        try:
            with in_line() if uploads else nullcontext():
                for upload in uploads:
                    stored.append(self.put(upload))  # noqa: PERF401 -- what was stored before one fails is deleted
        except BaseException:
            for picture in stored:
                self.delete(picture.key)
            raise
        return stored


def within(width: int, height: int, edge: int) -> tuple[int, int]:
    """What the file of a smaller `edge` measures, of a picture whose largest file measures `width` and `height`."""
    share = min(1.0, edge / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def _write(name: str, content: bytes) -> None:
    if default_storage.save(name, ContentFile(content)) != name:
        raise Refused("invalid")
