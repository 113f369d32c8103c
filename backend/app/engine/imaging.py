"""From a picture to what is kept and shown: PNG with its parameters, thumbnail, placeholder, live preview."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass

from PIL import Image
from thumbhash import rgba_to_thumb_hash

from app.engine.png import encode_png as write_png

PARAMETERS_KEY = "parameters"
THUMBNAIL_SIDE = 256
# For screens of more pixels. Of a picture hardly larger than the first thumbnail a second one is a waste.
MEDIUM_SIDE = 640
MEDIUM_FROM = 384
THUMBNAIL_QUALITY = 82
# Method 0 takes a third of the time of Pillow's default, 4, and 15 % more bytes of a file that has about ten thousand.
THUMBNAIL_METHOD = 0
PREVIEW_METHOD = 2
PLACEHOLDER_SIDE = 100
PREVIEW_SIDE = 256
PREVIEW_CHARS = 8192
CHECK_SIDE = 512


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """`png`, `thumbnail` and `medium` (WebP; None of small pictures) are whole files.

    `sha256` is the PNG's in hex, `placeholder` a thumbhash in base64.

    `width` and `height` are the PNG's, in pixels.
    """

    png: bytes
    thumbnail: bytes
    medium: bytes | None
    placeholder: str
    sha256: str
    width: int
    height: int


def encode(picture: Image.Image, parameters_text: str) -> EncodedImage:
    """Encode for keeping. Takes milliseconds of CPU: call it off the event loop."""
    picture = picture.convert("RGB")
    png = encode_png(picture, parameters_text)
    return EncodedImage(
        png=png,
        thumbnail=encode_thumbnail(picture),
        medium=encode_medium(picture),
        placeholder=placeholder_hash(picture),
        sha256=hashlib.sha256(png).hexdigest(),
        width=picture.width,
        height=picture.height,
    )


def encode_png(picture: Image.Image, parameters_text: str) -> bytes:
    """An RGB picture, with the text in the chunk that AUTOMATIC1111's readers look for."""
    return write_png(picture, {PARAMETERS_KEY: parameters_text})


def encode_for_check(picture: Image.Image) -> bytes:
    """WebP of at most 512 pixels a side, for whoever has to look whether it may be shown."""
    small = picture.convert("RGB")
    small.thumbnail((CHECK_SIDE, CHECK_SIDE))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=THUMBNAIL_QUALITY, method=THUMBNAIL_METHOD)
    return file.getvalue()


def read_parameters(png: bytes) -> str | None:
    """The text of the `parameters` chunk, or None. Meant for pictures that Easel made: it trusts the file."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        text = picture.info.get(PARAMETERS_KEY)
    return str(text) if text is not None else None


def encode_thumbnail(picture: Image.Image) -> bytes:
    """WebP, longest side at most 256 px, never larger than the picture."""
    return _webp(_shrunk(picture, THUMBNAIL_SIDE), THUMBNAIL_QUALITY, THUMBNAIL_METHOD)


def encode_medium(picture: Image.Image) -> bytes | None:
    """WebP, longest side at most 640 px; None of a picture that the thumbnail shows about as well."""
    if max(picture.size) < MEDIUM_FROM:
        return None
    return _webp(_shrunk(picture, MEDIUM_SIDE), THUMBNAIL_QUALITY, THUMBNAIL_METHOD)


def placeholder_hash(picture: Image.Image) -> str:
    """A thumbhash (about 25 bytes, base64) that the page paints until the thumbnail is there."""
    small = _shrunk(picture, PLACEHOLDER_SIDE).convert("RGBA")
    return base64.b64encode(rgba_to_thumb_hash(small.width, small.height, small.tobytes())).decode("ascii")


def preview_data_url(picture: Image.Image) -> str:
    """A WebP data URL of at most 8 kB for progress events: quality goes down first, then size."""
    small = _shrunk(picture.convert("RGB"), PREVIEW_SIDE)
    while True:
        for quality in (70, 40, 15):
            url = "data:image/webp;base64," + base64.b64encode(_webp(small, quality, PREVIEW_METHOD)).decode("ascii")
            if len(url) <= PREVIEW_CHARS:
                return url
        small = _shrunk(small, max(small.size) // 2)


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    longest = max(picture.size)
    if longest <= side:
        return picture
    # Averaging whole blocks of pixels costs a fifth of a filter, and is one where the factor is whole (512, 1024 …).
    small = picture.reduce(factor) if (factor := longest // side) > 1 else picture.copy()
    if max(small.size) > side:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def _webp(picture: Image.Image, quality: int, method: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=quality, method=method)
    return buffer.getvalue()
