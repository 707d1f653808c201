"""Pictures that people upload, in the storage: one folder for each sort of them, files under random keys. Nothing that people
choose is part of a name. Knows nothing of whose they are: rows keep the keys."""

import logging
import re
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.utils import timezone

from chatter.core.errors import Refused
from chatter.core.images import Crop, squares_of

log = logging.getLogger(__name__)

# Files nobody points to: older than this they are not on their way to somebody either.
ORPHANED_AFTER = timedelta(days=1)
_FILE = re.compile(r"\A([0-9a-f]{32})-\d+\.webp\Z")
# A key is never used for another picture.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Shelf:
    """The pictures of one sort: squares of `sizes` pixels in `folder`."""

    folder: str
    sizes: Sequence[int]

    def name_of(self, key: str, size: int) -> str:
        """The storage's name of the picture with this key."""
        return f"{self.folder}/{key[:2]}/{key}-{size}.webp"

    def put(self, upload: bytes, crop: Crop | None = None) -> str:
        """Store `upload` as squares; returns their key. Raises Refused, and then nothing is left behind."""
        files = squares_of(upload, self.sizes, crop)
        key = secrets.token_hex(16)
        try:
            for size, content in files.items():
                _write(self.name_of(key, size), content)
        except BaseException:
            self.delete(key)
            raise
        return key

    def delete(self, key: str) -> None:
        """The files of a picture that nobody has any more. What cannot be deleted now `sweep` finds."""
        for size in self.sizes:
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


def _write(name: str, content: bytes) -> None:
    if default_storage.save(name, ContentFile(content)) != name:
        raise Refused("invalid")
