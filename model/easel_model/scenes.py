"""Small scenes put together from icons by rule: "a cat with a hat"."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from easel_model.icons import IMAGE_SIZE

Icon = NDArray[np.uint8]
Box = tuple[float, float, float]
"""Centre right, centre down and side of an icon in a scene, as shares of the image."""

HEADS: tuple[str, ...] = (
    "cat",
    "dog",
    "rabbit",
    "fox",
    "bear",
    "panda",
    "lion",
    "tiger",
    "pig",
    "cow",
    "monkey",
    "frog",
    "robot",
    "ghost",
    "penguin",
    "snowman",
    "smiling face",
)
"""Upright things whose top is a head."""

BEARERS: tuple[str, ...] = (*HEADS[:6], "robot", "penguin", "unicorn", "bird", "elephant", "house")
"""What is shown beside a small thing."""

BADGES: tuple[str, ...] = ("heart", "star", "flower", "balloon")
SHELTERED: tuple[str, ...] = ("cat", "dog", "house", "car", "tree", "penguin")


@dataclass(frozen=True, slots=True)
class Scene:
    """A subject with what is added to it.

    ``extra`` follows the subject's noun in a caption; ``others`` are the
    nouns of the added icons, which ``place`` receives after the subject.
    """

    subject: str
    extra: str
    others: tuple[str, ...]
    place: Callable[[Icon, list[Icon]], Icon]


def _ink(icon: Icon) -> Image.Image:
    """An icon cut to its ink, premultiplied."""
    image = Image.fromarray(icon).convert("RGBa")
    box = image.getchannel("a").point(lambda alpha: 255 * (alpha > 40)).getbbox()
    return image.crop(box)


def _put(canvas: Image.Image, icon: Image.Image, box: Box) -> None:
    right, down, side = (share * IMAGE_SIZE for share in box)
    scale = side / max(icon.size)
    size = (max(1, round(icon.width * scale)), max(1, round(icon.height * scale)))
    small = icon.resize(size, Image.Resampling.LANCZOS)
    corner = (round(right - size[0] / 2), round(down - size[1] / 2))
    layer = Image.new("RGBa", canvas.size)
    layer.paste(small, corner)
    # "Over" on premultiplied colours: what is below shines through by 1 - alpha.
    below = np.asarray(canvas, dtype=np.float32)
    above = np.asarray(layer, dtype=np.float32)
    joined = above + below * (1 - above[..., 3:] / 255)
    canvas.paste(Image.frombuffer("RGBa", canvas.size, (joined + 0.5).astype(np.uint8).tobytes()))


def _stage(*placed: tuple[Icon, Box]) -> Icon:
    canvas = Image.new("RGBa", (IMAGE_SIZE, IMAGE_SIZE))
    for icon, box in placed:
        _put(canvas, _ink(icon), box)
    return np.asarray(canvas.convert("RGBA"), dtype=np.uint8)


def _on_head(subject: Icon, others: list[Icon]) -> Icon:
    ink = _ink(subject)
    side = 0.64
    top = 0.96 - side * ink.height / max(ink.size)
    return _stage(
        (subject, (0.5, 0.96 - (0.96 - top) / 2, side)), (others[0], (0.5, top - 0.08, 0.4))
    )


def _in_corner(subject: Icon, others: list[Icon]) -> Icon:
    return _stage((subject, (0.37, 0.60, 0.68)), (others[0], (0.80, 0.24, 0.36)))


def _below(subject: Icon, others: list[Icon]) -> Icon:
    return _stage((others[0], (0.5, 0.27, 0.84)), (subject, (0.5, 0.73, 0.48)))


def _with_garden(subject: Icon, others: list[Icon]) -> Icon:
    tree, flower = others
    return _stage(
        (tree, (0.82, 0.50, 0.56)),
        (subject, (0.42, 0.48, 0.72)),
        (flower, (0.14, 0.86, 0.24)),
        (flower, (0.38, 0.87, 0.24)),
        (flower, (0.62, 0.86, 0.24)),
        (flower, (0.86, 0.87, 0.24)),
    )


def _beside_tree(subject: Icon, others: list[Icon]) -> Icon:
    return _stage((others[0], (0.78, 0.46, 0.70)), (subject, (0.36, 0.62, 0.66)))


def scenes() -> Iterator[Scene]:
    """Every scene that the model learns."""
    for head in HEADS:
        yield Scene(head, "with a hat", ("hat",), _on_head)
        yield Scene(head, "with a crown", ("crown",), _on_head)
    for bearer in BEARERS:
        for badge in BADGES:
            yield Scene(bearer, f"with a {badge}", (badge,), _in_corner)
    for sheltered in SHELTERED:
        yield Scene(sheltered, "under an umbrella", ("umbrella",), _below)
        yield Scene(sheltered, "under a rainbow", ("rainbow",), _below)
    for place in ("house", "castle", "church"):
        yield Scene(place, "with a garden", ("tree", "flower"), _with_garden)
        yield Scene(place, "with a tree", ("tree",), _beside_tree)
