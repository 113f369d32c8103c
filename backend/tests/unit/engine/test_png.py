"""Read back by Pillow, whose reader is independent of this writer."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.engine.png import BAND_ROWS, encode_png


def read(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8))


def painting(side: int, grain: float) -> Image.Image:
    """Soft shapes of several sizes, and a grain as decoders leave it."""
    random = np.random.default_rng(1)
    total = np.full((side, side, 3), 128.0)
    for cells, strength in ((4, 90), (16, 50), (64, 20)):
        small = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += (np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)) / 255.0 - 0.5) * strength
    return Image.fromarray(np.clip(total + random.normal(scale=grain, size=total.shape), 0, 255).astype(np.uint8))


def icon(side: int) -> Image.Image:
    """Flat colours: most of it repeats itself."""
    pixels = np.full((side, side, 3), 255, np.uint8)
    y, x = np.mgrid[:side, :side]
    pixels[(x - side / 2) ** 2 + (y - side / 2) ** 2 < side**2 / 9] = (220, 40, 40)
    pixels[(x // 8 + y // 8) % 8 == 0] = (30, 90, 200)
    return Image.fromarray(pixels)


@given(st.integers(1, 70), st.integers(1, 3 * BAND_ROWS + 1))
def test_every_pixel_comes_back_whatever_the_size(width: int, height: int) -> None:
    picture = noise(width, height)
    assert read(encode_png(picture, {})).tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    "picture",
    [painting(300, 0), painting(300, 2), icon(300), Image.new("RGB", (500, 400), (1, 2, 3)), noise(400, 300)],
    ids=["soft", "grainy", "icon", "plain", "noise"],
)
def test_every_pixel_comes_back_whatever_way_is_chosen(picture: Image.Image) -> None:
    assert read(encode_png(picture, {})).tobytes() == picture.tobytes()


@pytest.mark.parametrize("side", [64, 256, 512])
@pytest.mark.parametrize("kind", ["soft", "grainy", "icon", "plain"])
def test_the_file_is_at_most_a_twentieth_larger_than_pillows(kind: str, side: int) -> None:
    pictures = {
        "soft": lambda: painting(side, 0.5),
        "grainy": lambda: painting(side, 3),
        "icon": lambda: icon(side),
        "plain": lambda: Image.new("RGB", (side, side), (200, 30, 30)),
    }
    picture = pictures[kind]()
    usual = io.BytesIO()
    picture.save(usual, "PNG")
    assert len(encode_png(picture, {})) <= 1.05 * len(usual.getvalue())


def test_texts_are_read_back_each_under_its_key() -> None:
    texts = {"parameters": "a café\nSteps: 4", "note": "猫", "empty": ""}
    assert read(encode_png(noise(9, 5), texts)).info == texts
