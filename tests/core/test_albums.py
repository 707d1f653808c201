"""Albums: pictures in their own proportions in the storage, all of a form or none, and nothing left behind."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from chatter.core import pictures
from chatter.core.errors import Refused
from chatter.core.pictures import Album, Shelf, within

ALBUM = Album("album", edges=(64, 160))
BANNERS = Album("album", edges=(75, 150), cover=(3, 1))


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.webp"))


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, kind)
    return out.getvalue()


def test_a_picture_is_stored_in_every_size(folder: Path) -> None:
    stored = ALBUM.put(picture(320, 200))
    assert (stored.width, stored.height) == (160, 100)
    assert files_in(folder) == [f"{stored.key}-160.webp", f"{stored.key}-64.webp"]
    answer = ALBUM.answer(stored.key, 64)
    assert Image.open(BytesIO(answer.content)).size == within(160, 100, 64) == (64, 40)
    assert answer["Content-Type"] == "image/webp" and "sandbox" in answer["Content-Security-Policy"]
    ALBUM.delete(stored.key)
    assert files_in(folder) == [] and ALBUM.answer(stored.key, 64).status_code == 404


def test_a_banner_has_its_own_proportions() -> None:
    stored = BANNERS.put(picture(300, 300))
    assert (stored.width, stored.height) == (150, 50)


def test_a_small_picture_stays_small() -> None:
    stored = ALBUM.put(picture(30, 20))
    assert (stored.width, stored.height) == (30, 20) == within(30, 20, 64)


def test_all_of_a_form_or_none(folder: Path) -> None:
    assert ALBUM.put_all([]) == []
    first, second = ALBUM.put_all([picture(320, 200), picture(200, 320)])
    assert [(each.width, each.height) for each in (first, second)] == [(160, 100), (100, 160)]
    for each in (first, second):
        ALBUM.delete(each.key)
    with pytest.raises(Refused):
        ALBUM.put_all([picture(320, 200), picture(200, 320), b"no picture"])
    assert files_in(folder) == []


def test_too_many_are_refused_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Album, "put", lambda *_args: pytest.fail("nothing is made"))
    with pytest.raises(Refused, match="at most 10"):
        ALBUM.put_all([b"x"] * 11)


def test_what_cannot_be_written_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pictures._write

    def write(name: str, content: bytes) -> None:
        if name.endswith("-160.webp"):
            raise OSError("the disk is full")
        real(name, content)

    monkeypatch.setattr(pictures, "_write", write)
    with pytest.raises(OSError, match="full"):
        ALBUM.put(picture(320, 200))
    assert files_in(folder) == []


def test_the_sweep_takes_what_nobody_has_and_nothing_new(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, lost = ALBUM.put(picture(32, 20)).key, ALBUM.put(picture(32, 20)).key
    assert ALBUM.sweep([kept]) == 0
    monkeypatch.setattr(pictures, "ORPHANED_AFTER", -pictures.ORPHANED_AFTER)
    assert ALBUM.sweep([kept]) == 1
    assert {name.split("-")[0] for name in files_in(folder)} == {kept}
    assert not default_storage.exists(ALBUM.name_of(lost, 64))


def test_squares_have_shelves_as_before(folder: Path) -> None:
    key = Shelf("squares", (64,)).put(picture(32, 20))
    assert files_in(folder) == [f"{key}-64.webp"]
