"""From a file that is kept or shown to the format that somebody asked for."""

from __future__ import annotations

import base64
import io
from typing import Literal

from PIL import Image

from app.engine.imaging import PARAMETERS_KEY

FileFormat = Literal["png", "jpeg", "webp"]
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
WEBP_METHOD = 2


def convert(file: bytes, file_format: FileFormat, quality: int = 90) -> bytes:
    """A PNG or WebP of ours in another format; a file that has it already is given back as it is.

    A PNG's parameters go along, into EXIF's user comment, where the readers of AUTOMATIC1111's files look in JPEG and
    WebP. `quality` from 0 to 100 means nothing to PNG. Takes milliseconds of CPU: call it off the event loop.
    """
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP")) as picture:
        if (picture.format or "").lower() == file_format:
            return file
        parameters = picture.info.get(PARAMETERS_KEY)
        buffer, rgb = io.BytesIO(), picture.convert("RGB")
    match file_format:
        case "png":
            rgb.save(buffer, "PNG")
        case "jpeg":
            rgb.save(buffer, "JPEG", quality=quality, exif=_comment(parameters))
        case "webp":
            rgb.save(buffer, "WEBP", quality=quality, method=WEBP_METHOD, exif=_comment(parameters))
    return buffer.getvalue()


def bytes_of_data_url(url: str) -> bytes:
    """The file in a ``data:…;base64,…`` URL of ours."""
    return base64.b64decode(url.partition(",")[2])


def _comment(text: object) -> bytes:
    if not isinstance(text, str):
        return b""
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\x00" + text.encode("utf-16-be")
    return exif.tobytes()
