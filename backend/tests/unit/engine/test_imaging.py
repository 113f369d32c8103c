from __future__ import annotations

import base64
import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from thumbhash import thumb_hash_to_rgba

from app.engine.imaging import PREVIEW_CHARS, encode, preview_data_url, read_parameters


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_png_holds_every_pixel() -> None:
    picture = noise(64, 48)
    encoded = encode(picture, "a red rocket")
    assert (encoded.width, encoded.height) == (64, 48)
    assert opened(encoded.png).tobytes() == picture.tobytes()
    assert encoded.sha256 == hashlib.sha256(encoded.png).hexdigest()


@pytest.mark.parametrize(("text", "chunk"), [("a café, flat", b"tEXt"), ("猫 in a café", b"iTXt")])
def test_the_parameters_lie_in_the_chunk_that_can_hold_them(text: str, chunk: bytes) -> None:
    png = encode(noise(8, 8), text).png
    assert chunk + b"parameters\0" in png
    assert read_parameters(png) == text


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_any_text_survives_the_png(text: str) -> None:
    assert read_parameters(encode(noise(2, 2), text).png) == text


def test_a_lone_surrogate_does_not_stop_the_picture() -> None:
    assert read_parameters(encode(noise(2, 2), "a \ud800 b").png) == "a ? b"


def test_a_picture_without_parameters_has_none() -> None:
    buffer = io.BytesIO()
    noise(4, 4).save(buffer, "PNG")
    assert read_parameters(buffer.getvalue()) is None


@pytest.mark.parametrize(
    ("size", "expected"), [((256, 380), None), ((512, 400), (512, 400)), ((1280, 640), (640, 320))]
)
def test_large_pictures_get_a_second_thumbnail_for_dense_screens(
    size: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    medium = encode(noise(*size), "").medium
    assert (None if medium is None else opened(medium).size) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 64), (64, 64)), ((512, 512), (256, 256)), ((1024, 512), (256, 128)), ((8, 800), (3, 256))],
)
def test_the_thumbnail_shrinks_to_256_and_never_grows(size: tuple[int, int], expected: tuple[int, int]) -> None:
    thumbnail = opened(encode(noise(*size), "").thumbnail)
    assert thumbnail.format == "WEBP"
    assert thumbnail.size == expected


def test_the_placeholder_has_the_pictures_colour_and_shape() -> None:
    encoded = encode(Image.new("RGB", (512, 256), (200, 30, 30)), "")
    width, height, rgba = thumb_hash_to_rgba(base64.b64decode(encoded.placeholder))
    assert width > height
    red, green, blue = rgba[:3]
    assert red > 150
    assert green < 90
    assert blue < 90


@pytest.mark.parametrize("size", [(8, 8), (64, 64), (256, 256), (1024, 1024)])
def test_a_preview_fits_into_an_event(size: tuple[int, int]) -> None:
    url = preview_data_url(noise(*size))
    assert url.startswith("data:image/webp;base64,")
    assert len(url) <= PREVIEW_CHARS
    assert max(opened(base64.b64decode(url.partition(",")[2])).size) <= 256


def test_other_colour_modes_become_rgb() -> None:
    for mode in ("L", "RGBA", "P"):
        assert opened(encode(Image.new(mode, (16, 16)), "").png).mode == "RGB"
