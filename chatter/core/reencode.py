"""A program of its own that makes new pictures of one; `chatter.core.images` runs it within limits, in an empty environment.

Argument: JSON {"shape", "sizes", "crop", "ratio", "pixels", "side", "memory", "cpu"}; standard input: the upload. Standard
output: one line of JSON, {"lengths": […], "sizes": [[width, height], …]} followed by so many WebP files, or
{"refused": "…"}. It imports nothing of the product.

Shapes: "square" is `crop` or the middle, `sizes` are its sides; "fit" is the whole picture, `sizes` are the longest its longer
edge may be; "cover" is the largest part of the middle with `ratio`, `sizes` are widths. The last two never enlarge.
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


def middle_of(size: tuple[int, int], ratio: list[int]) -> Box:
    """The largest part of the middle whose width is to its height as `ratio` says."""
    width, height = size
    kept_width = max(1, min(width, height * ratio[0] // ratio[1]))
    kept_height = max(1, min(height, width * ratio[1] // ratio[0]))
    left, top = (width - kept_width) // 2, (height - kept_height) // 2
    return left, top, left + kept_width, top + kept_height


def kept_of(size: tuple[int, int], asked: dict[str, Any]) -> Box:
    """The part of an upright picture of `size` that is kept."""
    if asked["shape"] == "square":
        return box_of(size, asked["crop"])
    return (0, 0, *size) if asked["shape"] == "fit" else middle_of(size, asked["ratio"])


def scaled(shape: str, box: Box, size: int) -> tuple[int, int]:
    """Width and height of the file of this `size`."""
    width, height = box[2] - box[0], box[3] - box[1]
    if shape == "square":
        return size, size
    share = min(1.0, size / (max(width, height) if shape == "fit" else width))
    return max(1, round(width * share)), max(1, round(height * share))


def decoded(picture: Image.Image, asked: dict[str, Any]) -> tuple[Image.Image, list[tuple[int, int]]]:
    """The kept part, upright, in the colours of the web, with nothing but its pixels; and the sizes its files will have."""
    whole, profile = picture.size, picture.info.get("icc_profile")
    turned = picture.getexif().get(ORIENTATION) in SIDEWAYS
    box = kept_of((whole[1], whole[0]) if turned else whole, asked)
    sizes = [scaled(asked["shape"], box, size) for size in asked["sizes"]]
    # A JPEG is decoded at a half, a quarter or an eighth of its size where that is enough.
    share = max(sizes)[0] / (box[2] - box[0])
    picture.draft("RGB", (round(whole[0] * share) or 1, round(whole[1] * share) or 1))
    factor = picture.width / whole[0]
    ImageOps.exif_transpose(picture, in_place=True)
    right, bottom = min(round(box[2] * factor), picture.width), min(round(box[3] * factor), picture.height)
    kept = in_web_colours(picture.crop((round(box[0] * factor), round(box[1] * factor), right, bottom)), profile)
    clean = Image.new(kept.mode, kept.size)
    clean.paste(kept)
    return clean, sizes


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


def written(picture: Image.Image, size: tuple[int, int]) -> bytes:
    out = BytesIO()
    resized = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    resized.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def answer(asked: dict[str, Any], upload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    try:
        picture, sizes = decoded(opened(upload, asked["pixels"], asked["side"]), asked)
        files = [written(picture, size) for size in sizes]
    except Unfit as error:
        return {"refused": str(error)}, []
    except MemoryError:
        return {"refused": "too_many_pixels"}, []
    except Exception:  # noqa: BLE001 -- decoders have many words for what is broken, the person needs one
        return {"refused": "broken"}, []
    return {"lengths": [len(file) for file in files], "sizes": sizes}, files


def main() -> None:
    asked = json.loads(sys.argv[1])
    limit(asked["memory"], asked["cpu"])
    head, files = answer(asked, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(files))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
