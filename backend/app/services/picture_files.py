"""The files of a picture, made where it holds up nothing. Imports little: a process of its own does (`worker.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import monotonic

from PIL import Image as PillowImage

from app.core.errors import Unavailable
from app.core.media_types import PNG, WEBP
from app.engine.imaging import encode
from app.integrations.storage.protocol import NewObject


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is recorded of an encoded picture. `sha256` is the PNG's in hex, `placeholder` a thumbhash in base64."""

    placeholder: str
    sha256: str
    width: int
    height: int


def make_picture_files(
    picture: PillowImage.Image, parameters_text: str, stem: str, *, before: float = inf
) -> tuple[PictureFacts, list[NewObject]]:
    """PNG, thumbnail, and of a large picture one of medium size, in this order. `stem` begins their keys.

    Takes milliseconds of CPU. Raises `Unavailable` when its turn comes later than `before`, by the machine's monotonic
    clock: whoever asked may have lost the job meanwhile, and somebody else may have written these keys.
    """
    if monotonic() > before:
        raise Unavailable("The picture waited for too long to be stored.")
    encoded = encode(picture, parameters_text)
    files = [
        NewObject(f"{stem}.png", encoded.png, PNG),
        NewObject(f"{stem}.thumbnail.webp", encoded.thumbnail, WEBP),
    ]
    if encoded.medium is not None:
        files.append(NewObject(f"{stem}.medium.webp", encoded.medium, WEBP))
    return PictureFacts(encoded.placeholder, encoded.sha256, encoded.width, encoded.height), files
