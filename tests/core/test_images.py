"""Pictures of strangers: what comes out is a square that we made, and whatever is no picture is refused before or inside of a
process that can hurt nobody."""

import json
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from chatter.core import images, reencode
from chatter.core.errors import Refused
from chatter.core.images import Crop, Fitted, covering, fitted, in_line, squares_of

SIZES = (64, 128, 512)
RED, BLUE = (220, 30, 30), (30, 30, 220)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def halves(width: int = 600, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    return picture.convert(mode)


def read(file: bytes) -> Image.Image:
    picture = Image.open(BytesIO(file), formats=["WEBP"])
    picture.load()
    return picture


def colour_at(file: bytes, x: float, y: float) -> str:
    """ "red" or "blue", at these shares of the width and height."""
    picture = read(file).convert("RGB")
    red, _green, blue = picture.getpixel((int(x * picture.width), int(y * picture.height)))  # type: ignore[misc]
    return "red" if red > blue else "blue"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes(1 + width // 8) * min(height, 2000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def refusal_of(upload: bytes, crop: Crop | None = None) -> str:
    with pytest.raises(Refused) as refused:
        squares_of(upload, SIZES, crop)
    assert refused.value.code == "invalid"
    return str(refused.value)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("AVIF", "RGB"),
    ],
)
def test_every_kind_becomes_squares_of_its_middle(kind: str, mode: str) -> None:
    files = squares_of(saved(halves(mode=mode), kind), SIZES)
    assert {size: read(file).size for size, file in files.items()} == {size: (size, size) for size in SIZES}
    if mode not in {"L", "1"}:
        assert (colour_at(files[128], 0.25, 0.5), colour_at(files[128], 0.75, 0.5)) == ("red", "blue")


def test_sixteen_bits_keep_their_shades() -> None:
    [file] = squares_of(saved(Image.new("I;16", (40, 40), 32_768), "PNG"), (64,)).values()
    assert 118 <= read(file).convert("L").getpixel((5, 5)) <= 138  # type: ignore[operator]


def test_what_is_clear_stays_clear() -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    [file] = squares_of(saved(picture, "PNG"), (64,)).values()
    assert read(file).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_only_the_first_picture_of_a_film_is_kept() -> None:
    frames = [Image.new("RGB", (50, 50), RED), Image.new("RGB", (50, 50), BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        film = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        [file] = squares_of(film, (64,)).values()
        assert (getattr(read(file), "n_frames", 1), colour_at(file, 0.5, 0.5)) == (1, "red"), kind


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_stands_upright_before_it_is_cut(orientation: int, kind: str) -> None:
    """Seen upright the left is red: however the camera was held, the cut on the left is red, that on the right is blue."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture, exif = halves(1202, 600), Image.Exif()
    exif[0x0112] = orientation
    stored = picture.transpose(undo[orientation]) if orientation in undo else picture
    upload = saved(stored, kind, exif=exif)
    left, right = (squares_of(upload, (64,), Crop(at, 0, 600))[64] for at in (0, 602))
    assert [colour_at(left, x, y) for x in (0.02, 0.97) for y in (0.02, 0.97)] == ["red"] * 4
    assert [colour_at(right, x, y) for x in (0.02, 0.97) for y in (0.02, 0.97)] == ["blue"] * 4


def test_a_large_picture_shows_the_same_part_as_a_small_one() -> None:
    """JPEGs are decoded at a fraction of their size: the cut must not move."""
    upload = saved(halves(6001, 4001), "JPEG")
    files = squares_of(upload, (64, 512), Crop(2500, 0, 1000))
    for file in files.values():
        assert [colour_at(file, x, 0.5) for x in (0.1, 0.4, 0.6, 0.9)] == ["red", "red", "blue", "blue"]
    edge = read(squares_of(upload, (64,), Crop(2000, 0, 4001))[64]).convert("RGB")
    assert edge.getpixel((63, 63))[2] > 150, "no dark line where the picture ends"  # type: ignore[index]


def test_nothing_of_the_upload_but_its_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = exif[0x8298] = "SECRET-WORDS"
    exif.get_ifd(0x8825)[1] = "N"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET-WORDS")
    picture = halves()
    uploads = [
        saved(picture, "JPEG", exif=exif, comment=b"SECRET-WORDS", xmp=b"<x>SECRET-WORDS</x>") + b"SECRET-WORDS",
        saved(picture, "PNG", pnginfo=notes, exif=exif) + b"SECRET-WORDS",
        saved(picture, "WEBP", exif=exif, xmp=b"<x>SECRET-WORDS</x>"),
    ]
    for upload in uploads:
        assert b"SECRET-WORDS" in upload
        for file in squares_of(upload, SIZES).values():
            assert b"SECRET" not in file
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(read(file).info)


@pytest.mark.parametrize(
    ("name", "upload"),
    [
        ("empty", b""),
        ("words", b"hello, world" * 100),
        ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("svg behind a prologue", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("html", b"<!doctype html><script>alert(1)</script>"),
        ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
        ("zip", b"PK\x03\x04" + bytes(100)),
        ("program", b"\x7fELF" + bytes(100)),
        ("postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"),
        ("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)),
        ("mp4", b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + bytes(100)),
        ("bmp", saved(halves(), "BMP")),
        ("tiff", saved(halves(), "TIFF")),
        ("ico", saved(halves(), "ICO")),
        ("jpeg 2000", saved(halves(), "JPEG2000")),
        ("gif and script", b"GIF89a/*" + b" " * 40 + b"*/=1;alert(1)"),
        ("jpeg and script", b"\xff\xd8\xff\xe0/*\x4a\x46\x49\x46*/=1;alert(1)" + bytes(50)),
        ("png and html", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"),
        ("webp in name only", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(10)),
        ("avif in name only", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(40)),
        ("beginnings", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_what_is_no_picture_is_refused(name: str, upload: bytes) -> None:
    assert refusal_of(upload)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_half_a_picture_is_refused(kind: str, share: float) -> None:
    whole = saved(Image.effect_noise((300, 200), 90).convert("RGB"), kind)
    assert refusal_of(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("size", [(30_000, 30_000), (65_535, 65_535), (7_100, 7_100), (20_000, 10), (10, 20_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    upload = png_bomb(*size)
    assert len(upload) < 100_000
    assert "pixels" in refusal_of(upload)


def test_a_gif_that_says_it_is_huge_is_refused() -> None:
    upload = bytearray(saved(halves(mode="P"), "GIF"))
    upload[6:10] = struct.pack("<HH", 60_000, 60_000)
    assert "pixels" in refusal_of(bytes(upload))


def test_words_that_swell_in_a_png_are_refused() -> None:
    """zTXt: 200 MB of text in 200 kB."""
    swelling = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    whole = saved(halves(), "PNG")
    assert refusal_of(whole[:33] + chunk(b"zTXt", swelling) + whole[33:])


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: pytest.fail("nothing is started"))
    assert "10 MB" in refusal_of(b"\x89PNG\r\n\x1a\n" + bytes(images.BYTES_MAX))


@pytest.mark.parametrize(
    "crop",
    [
        Crop(-1, 0, 10),
        Crop(0, -1, 10),
        Crop(0, 0, 0),
        Crop(0, 0, -5),
        Crop(0, 0, 301),
        Crop(301, 0, 300),
        Crop(0, 1, 300),
        Crop(10**9, 0, 10),
        Crop(0, 0, 10**30),
    ],
)
def test_a_cut_beside_the_picture_is_refused(crop: Crop) -> None:
    assert "outside" in refusal_of(saved(halves(), "PNG"), crop)


def test_who_takes_too_long_or_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = saved(Image.effect_noise((1500, 1500), 90).convert("RGB"), "PNG")
    for name, value in (
        ("CPU_SECONDS", 0),
        ("WALL_SECONDS", 0.01),
        ("MEMORY_BYTES", 64 * 1024 * 1024),
        ("OUTPUT_MAX", 10),
    ):
        with monkeypatch.context() as bounds:
            bounds.setattr(images, name, value)
            assert refusal_of(upload), name
    assert squares_of(upload, (64,))


def test_it_runs_in_an_empty_environment_with_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run
    seen: dict[str, Any] = {}

    def run(*args: Any, **more: Any) -> Any:
        seen.update(more, program=args[0])
        return real(*args, **more)

    monkeypatch.setattr(subprocess, "run", run)
    squares_of(saved(halves(), "PNG"), (64,))
    assert (seen["env"], seen["program"][1], seen["timeout"]) == ({}, "-I", images.WALL_SECONDS)
    asked = json.loads(seen["program"][3])
    assert 0 < asked["memory"] <= 2**31 and 0 < asked["cpu"] <= 10
    # The program sets its own limits before it reads: afterwards it can neither write a file nor take more.
    probe = (
        "import resource, runpy, sys; module = runpy.run_path(sys.argv[1]); module['limit'](2**29, 7);"
        "print([resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)])"
    )
    told = real([sys.executable, "-I", "-c", probe, reencode.__file__], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == str([(2**29, 2**29), (7, 7), (0, 0)])


def test_it_knows_nothing_of_the_product() -> None:
    code = Path(reencode.__file__).read_text(encoding="utf-8")
    assert "django" not in code
    assert "from chatter" not in code


def test_what_the_program_says_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that was taken over can say anything; a file that is no WebP never gets on."""
    upload = saved(halves(), "PNG")
    lengths: list[list[int]] = [[5], [100], [], [3, 2]]
    for said in ({"lengths": each} for each in lengths):
        monkeypatch.setattr(images, "_run", lambda *_args, said=said: (said, b"<svg>"))
        with pytest.raises(Refused):
            squares_of(upload, (64,))


def test_only_a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "WAIT_SECONDS", 0.0)
    for _each in range(images.AT_ONCE):
        assert images._slots.acquire(timeout=1)
    try:
        with pytest.raises(Refused) as refused:
            squares_of(saved(halves(), "PNG"), (64,))
    finally:
        for _each in range(images.AT_ONCE):
            images._slots.release()
    assert refused.value.code == "rate_limited"
    assert squares_of(saved(halves(), "PNG"), (64,))


def test_only_a_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of uploads leaves threads for everybody else: whoever finds a line is sent away at once."""
    monkeypatch.setattr(images, "WAIT_SECONDS", 3600.0)
    for _each in range(images.AT_ONCE + images.WAITING_MAX):
        assert images._line.acquire(blocking=False)
    try:
        with pytest.raises(Refused, match="Try again"):
            squares_of(saved(halves(), "PNG"), (64,))
    finally:
        for _each in range(images.AT_ONCE + images.WAITING_MAX):
            images._line.release()
    monkeypatch.undo()
    assert squares_of(saved(halves(), "PNG"), (64,))


# --- pictures in their own proportions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3200, 1600), {640: (640, 320), 1600: (1600, 800)}),
        ((1600, 3200), {640: (320, 640), 1600: (800, 1600)}),
        ((1000, 500), {640: (640, 320), 1600: (1000, 500)}),
        ((30, 20), {640: (30, 20), 1600: (30, 20)}),
        ((1, 1), {640: (1, 1), 1600: (1, 1)}),
        ((5000, 2), {640: (640, 1), 1600: (1600, 1)}),
    ],
)
def test_a_picture_keeps_its_proportions_and_never_grows(
    size: tuple[int, int], expected: dict[int, tuple[int, int]]
) -> None:
    for kind in ("PNG", "JPEG"):
        files = fitted(saved(halves(*size), kind), (640, 1600))
        assert {edge: (file.width, file.height) for edge, file in files.items()} == expected
        assert {edge: read(file.content).size for edge, file in files.items()} == expected


def test_a_whole_picture_shows_all_of_it() -> None:
    for upload in (saved(halves(6001, 4001), "JPEG"), saved(halves(800, 300), "PNG")):
        file = fitted(upload, (640,))[640].content
        assert [colour_at(file, x, 0.5) for x in (0.0, 0.48, 0.52, 0.99)] == ["red", "red", "blue", "blue"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 2000), {750: (750, 250), 1500: (1500, 500)}),
        ((6000, 1000), {750: (750, 250), 1500: (1500, 500)}),
        ((900, 900), {750: (750, 250), 1500: (900, 300)}),
        ((2, 900), {750: (2, 1), 1500: (2, 1)}),
        ((900, 1), {750: (3, 1), 1500: (3, 1)}),
    ],
)
def test_a_banner_is_the_middle_in_its_own_proportions(
    size: tuple[int, int], expected: dict[int, tuple[int, int]]
) -> None:
    files = covering(saved(halves(*size), "PNG"), (750, 1500), (3, 1))
    assert {width: (file.width, file.height) for width, file in files.items()} == expected
    assert {width: read(file.content).size for width, file in files.items()} == expected


def test_a_banner_is_cut_from_the_middle() -> None:
    picture = Image.new("RGB", (300, 300), RED)
    picture.paste(BLUE, (0, 100, 300, 200))
    file = covering(saved(picture, "PNG"), (300,), (3, 1))[300].content
    assert {colour_at(file, 0.5, y) for y in (0.1, 0.5, 0.9)} == {"blue"}


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_whole_picture_stands_upright(orientation: int) -> None:
    undo = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    exif = Image.Exif()
    exif[0x0112] = orientation
    upload = saved(halves(1200, 600).transpose(undo[orientation]), "JPEG", exif=exif)
    file = fitted(upload, (640,))[640]
    assert (file.width, file.height) == (640, 320)
    assert (colour_at(file.content, 0.1, 0.5), colour_at(file.content, 0.9, 0.5)) == ("red", "blue")


def test_a_whole_film_is_its_first_picture() -> None:
    frames = [Image.new("RGB", (50, 30), RED), Image.new("RGB", (50, 30), BLUE)]
    film = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    file = fitted(film, (64,))[64].content
    assert (getattr(read(file), "n_frames", 1), colour_at(file, 0.5, 0.5)) == (1, "red")


def test_whole_pictures_tell_nothing_and_have_the_same_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-WORDS"
    assert b"SECRET" not in fitted(saved(halves(), "JPEG", exif=exif), (640,))[640].content
    for upload in (b"", b"<svg/>", png_bomb(30_000, 30_000), saved(halves(), "PNG")[:200]):
        for make in (lambda each: fitted(each, (640,)), lambda each: covering(each, (640,), (3, 1))):
            with pytest.raises(Refused):
                make(upload)
    monkeypatch.setattr(images, "MEMORY_BYTES", 64 * 1024 * 1024)
    with pytest.raises(Refused):
        fitted(saved(Image.effect_noise((1500, 1500), 90).convert("RGB"), "PNG"), (640,))


def test_a_noisy_picture_fits_into_what_is_taken() -> None:
    noise = saved(Image.effect_noise((1700, 1700), 120).convert("RGB"), "JPEG", quality=90)
    assert len(fitted(noise, (640, 1600))[1600].content) < images.OUTPUT_MAX / 3


@pytest.mark.parametrize(
    "told", [None, [], [[64, 32], [64, 32]], [[65, 32]], [[0, 32]], [["64", 32]], [[64, 32, 1]], [[True, 32]], ["ab"]]
)
def test_what_the_program_measured_is_not_trusted(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    file = fitted(saved(halves(), "PNG"), (64,))[64]
    head = {"lengths": [len(file.content)], "sizes": told}
    monkeypatch.setattr(images, "_run", lambda *_args: (head, file.content))
    with pytest.raises(Refused):
        fitted(saved(halves(), "PNG"), (64,))
    head["sizes"] = [[64, 32]]
    assert fitted(saved(halves(), "PNG"), (64,)) == {64: Fitted(file.content, 64, 32)}


def test_several_pictures_of_one_person_wait_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten pictures take one place in line, and leave it."""
    for _each in range(images.AT_ONCE + images.WAITING_MAX - 1):
        assert images._line.acquire(blocking=False)
    try:
        with in_line():
            assert [fitted(saved(halves(), "PNG"), (64,))[64].width for _each in range(3)] == [64] * 3
            assert not images._line.acquire(blocking=False)
        assert images._line.acquire(blocking=False)
        with pytest.raises(Refused, match="Try again"), in_line():
            pass
    finally:
        for _each in range(images.AT_ONCE + images.WAITING_MAX):
            images._line.release()


def test_several_pictures_have_an_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "TOGETHER_SECONDS", -1.0)
    with pytest.raises(Refused, match="too much work"), in_line():
        fitted(saved(halves(), "PNG"), (64,))
    assert fitted(saved(halves(), "PNG"), (64,)), "alone it has its own time"
