"""A program of its own that makes squares of a picture; `chatter.core.images` runs it within limits, in an empty environment.

Argument: JSON {"sizes", "crop", "pixels", "side", "memory", "cpu"}; standard input: the upload. Standard output: one line of
JSON, {"lengths": […]} followed by so many WebP files, or {"refused": "…"}. It imports nothing of the product.
"""

import json
import resource
import sys
import warnings
from io import BytesIO
from typing import Any

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
QUALITY = 84
ORIENTATION = 0x0112
# With these orientations (EXIF) the sides change places before the picture stands upright.
SIDEWAYS = (5, 6, 7, 8)

type Box = tuple[int, int, int, int]


class Unfit(Exception):
    """Why the upload is refused: a word that `chatter.core.images` knows."""


def limit(memory: int, cpu: int) -> None:
    """So much address space (bytes) and time of a processor (seconds); no files, no remains."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def opened(upload: bytes, pixels: int, side: int) -> Image.Image:
    """The picture, its size known and bounded, nothing decoded yet."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = pixels
    # What is a little too large is a warning to Pillow; to us it is too large.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        picture = Image.open(BytesIO(upload), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit("too_many_pixels") from error
    except Exception as error:
        raise Unfit("not_a_picture") from error
    if picture.width * picture.height > pixels or max(picture.size) > side:
        raise Unfit("too_many_pixels")
    return picture


def box_of(size: tuple[int, int], crop: list[int] | None) -> Box:
    """The square that is kept (left, top, right, bottom) of a picture of `size`: as asked for, else the middle."""
    width, height = size
    if crop is None:
        most = min(width, height)
        left, top = (width - most) // 2, (height - most) // 2
    else:
        left, top, most = crop
    if left + most > width or top + most > height:
        raise Unfit("crop")
    return left, top, left + most, top + most


def decoded(picture: Image.Image, crop: list[int] | None, largest: int) -> Image.Image:
    """The kept square, upright, in the colours of the web, with nothing but its pixels."""
    whole, profile = picture.size, picture.info.get("icc_profile")
    turned = picture.getexif().get(ORIENTATION) in SIDEWAYS
    box = box_of((whole[1], whole[0]) if turned else whole, crop)
    # A JPEG is decoded at a half, a quarter or an eighth of its size where that is enough.
    share = largest / (box[2] - box[0])
    picture.draft("RGB", (round(whole[0] * share) or 1, round(whole[1] * share) or 1))
    factor = picture.width / whole[0]
    upright = ImageOps.exif_transpose(picture)
    right, bottom = min(round(box[2] * factor), upright.width), min(round(box[3] * factor), upright.height)
    kept = in_web_colours(upright.crop((round(box[0] * factor), round(box[1] * factor), right, bottom)), profile)
    clean = Image.new(kept.mode, kept.size)
    clean.paste(kept)
    return clean


def in_web_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB or RGBA in sRGB: phones write wider gamuts, printers four inks, instruments 16 bits."""
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if profile and picture.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
            web = ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, theirs, web, outputMode=mode) or picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            # A profile that is broken: the colours as they are.
            return picture.convert(mode)
    return picture.convert(mode)


def square(picture: Image.Image, size: int) -> bytes:
    out = BytesIO()
    resized = picture.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    resized.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def answer(asked: dict[str, Any], upload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    try:
        picture = decoded(opened(upload, asked["pixels"], asked["side"]), asked["crop"], max(asked["sizes"]))
        files = [square(picture, size) for size in asked["sizes"]]
    except Unfit as error:
        return {"refused": str(error)}, []
    except MemoryError:
        return {"refused": "too_many_pixels"}, []
    except Exception:  # noqa: BLE001 -- decoders have many words for what is broken, the person needs one
        return {"refused": "broken"}, []
    return {"lengths": [len(file) for file in files]}, files


def main() -> None:
    asked = json.loads(sys.argv[1])
    limit(asked["memory"], asked["cpu"])
    head, files = answer(asked, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(files))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
