"""What a person can take along: each application registers what it has of them, and the ZIP is made of that.

A collector writes only what is the person's own: what they did, said and set; of others what their own lists show.
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise

from accounts.models import User

COPY_BYTES = 256 * 1024


@dataclass(frozen=True)
class Entry:
    """A file in the archive, as its index lists it."""

    name: str
    title: str | Promise
    count: int | None = None


@dataclass
class Archive:
    """The ZIP while it is written. `report(share)` hears from 0.0 to 1.0 how much of the present collector is done."""

    file: zipfile.ZipFile
    report: Callable[[float], None] = lambda _share: None
    entries: list[Entry] = field(default_factory=list)

    def add(self, name: str, title: str | Promise, content: Any) -> None:
        """One JSON document."""
        self.file.writestr(f"{name}.json", _json(content, indent=2))
        self.entries.append(Entry(f"{name}.json", title))

    def add_rows(self, name: str, title: str | Promise, rows: Iterable[Any]) -> None:
        """A JSON list, written row by row: it may be longer than memory is wide."""
        count = 0
        with self.file.open(f"{name}.json", "w", force_zip64=True) as out:
            out.write(b"[")
            for count, row in enumerate(rows, 1):
                out.write((b"\n" if count == 1 else b",\n") + _json(row))
            out.write(b"\n]\n")
        self.entries.append(Entry(f"{name}.json", title, count))

    def add_file(self, name: str, title: str | Promise, content: IO[bytes]) -> None:
        with self.file.open(name, "w", force_zip64=True) as out:
            while piece := content.read(COPY_BYTES):
                out.write(piece)
        self.entries.append(Entry(name, title))


type Collect = Callable[[User, Archive], None]

_collectors: dict[str, Collect] = {}


def register(name: str, collect: Collect) -> None:
    """`collect(person, archive)` adds what the application `name` has of the person."""
    _collectors[name] = collect


def collectors() -> list[Collect]:
    return list(_collectors.values())


@contextmanager
def archive_into(target: IO[bytes]) -> Iterator[Archive]:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        yield Archive(file)


def _json(content: Any, indent: int | None = None) -> bytes:
    return json.dumps(content, cls=_Encoder, ensure_ascii=False, indent=indent).encode()


class _Encoder(DjangoJSONEncoder):
    """Also what is translated, and bytes, which nobody should ever put in."""

    def default(self, o: Any) -> Any:
        return str(o) if isinstance(o, Promise) else super().default(o)
