"""Recolour an icon so that a colour word in its caption becomes true.

Only the pixels that carry the object's colour are changed: a red tree keeps
its brown trunk, a blue apple its green leaf. Works on straight-alpha RGBA.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Colour:
    """A target: hue in degrees, saturation and brightness from 0 to 1."""

    hue: float
    saturation: float
    value: float


COLOURS: dict[str, Colour] = {
    "red": Colour(357, 0.82, 0.87),
    "orange": Colour(27, 0.86, 0.97),
    "yellow": Colour(49, 0.80, 0.98),
    "green": Colour(125, 0.66, 0.66),
    "blue": Colour(214, 0.78, 0.88),
    "purple": Colour(275, 0.60, 0.74),
    "pink": Colour(333, 0.42, 0.98),
    "brown": Colour(23, 0.60, 0.50),
    "black": Colour(230, 0.10, 0.17),
    "grey": Colour(220, 0.04, 0.60),
}

_NEAR_DEGREES = 50.0
_CHROMATIC_SATURATION = 0.22
_DARK_VALUE = 0.35


def _to_floats(image: NDArray[np.uint8]) -> Floats:
    return np.asarray(image / np.float32(255), dtype=np.float32)


def to_hsv(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Split RGB in 0..1, shape (..., 3), into hue (degrees), saturation, value."""
    value = rgb.max(axis=-1)
    chroma = value - rgb.min(axis=-1)
    safe = np.maximum(chroma, 1e-6)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    sector = np.where(
        value == red,
        (green - blue) / safe,
        np.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    hue = np.where(chroma < 1e-5, 0.0, (sector * 60) % 360)
    saturation = chroma / np.maximum(value, 1e-6)
    return hue.astype(np.float32), saturation.astype(np.float32), value.astype(np.float32)


def to_rgb(hue: Floats, saturation: Floats, value: Floats) -> Floats:
    """Inverse of :func:`to_hsv`; returns shape (..., 3)."""
    offsets = np.array([5, 3, 1], dtype=np.float32)
    k = (offsets + hue[..., None] / 60) % 6
    ramp = np.clip(np.minimum(k, 4 - k), 0, 1)
    return np.asarray(value[..., None] * (1 - saturation[..., None] * ramp), dtype=np.float32)


def hue_distance(a: Floats, b: float) -> Floats:
    """Signed distance a - b on the colour circle, in -180..180 degrees."""
    return np.asarray((a - b + 180) % 360 - 180, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Subject:
    """The pixels that carry an object's colour, and their typical values."""

    mask: Mask
    share: float
    hue: float
    saturation: float
    value: float
    chromatic: bool


def _dominant_hue(hue: Floats, weight: Floats) -> float:
    bins = np.bincount((hue // 10).astype(int).ravel() % 36, weights=weight.ravel(), minlength=36)
    smooth = bins + 0.7 * (np.roll(bins, 1) + np.roll(bins, -1))
    centre = float(smooth.argmax() * 10 + 5)
    near = weight * (np.abs(hue_distance(hue, centre)) < 25)
    return (centre + float((hue_distance(hue, centre) * near).sum() / max(near.sum(), 1e-6))) % 360


def _find_subject(hue: Floats, saturation: Floats, value: Floats, alpha: Floats) -> _Subject:
    opaque = alpha > 0.3
    area = max(int(opaque.sum()), 1)
    chromatic = opaque & (saturation > _CHROMATIC_SATURATION) & (value > 0.15)
    if chromatic.sum() / area < 0.15:
        light = opaque & (value > _DARK_VALUE)
        mask = light if light.sum() / area > 0.3 else opaque
        return _Subject(mask, mask.sum() / area, 0.0, 0.0, float(np.median(value[mask])), False)
    dominant = _dominant_hue(hue, saturation * value * chromatic)
    cluster = chromatic & (np.abs(hue_distance(hue, dominant)) < _NEAR_DEGREES)
    mask = cluster if cluster.sum() > 0.5 * chromatic.sum() else chromatic
    return _Subject(
        mask,
        mask.sum() / area,
        dominant,
        float(np.median(saturation[mask])),
        float(np.median(value[mask])),
        True,
    )


def recolour(rgba: NDArray[np.uint8], colour: str) -> NDArray[np.uint8]:
    """Return the icon, uint8 (H, W, 4), in the named colour; alpha is kept."""
    target = COLOURS[colour]
    pixels = _to_floats(rgba)
    hue, saturation, value = to_hsv(pixels[..., :3])
    subject = _find_subject(hue, saturation, value, pixels[..., 3])
    strength: Floats = subject.mask.astype(np.float32)
    relative = saturation / max(subject.saturation, 0.05) if subject.chromatic else 0.75
    if subject.chromatic and subject.share < 0.3:
        # Too little of the object has a colour of its own: tint its pale body.
        pale = (pixels[..., 3] > 0.3) & (saturation <= _CHROMATIC_SATURATION)
        body = pale & (value > _DARK_VALUE)
        strength = np.maximum(strength, body * np.float32(1))
        relative = np.where(body, 0.45, relative)
    turn = np.clip(hue_distance(hue, subject.hue) * 0.2, -10, 10) if subject.chromatic else 0.0
    new_hue = (target.hue + turn + np.zeros_like(hue)) % 360
    new_saturation = np.clip(target.saturation * (0.4 + 0.6 * np.clip(relative, 0, 1.4)), 0, 1)
    contrast = 0.45 if colour == "black" else 0.7
    new_value = np.clip(target.value + contrast * (value - subject.value), 0.02, 1)
    painted = to_rgb(
        new_hue.astype(np.float32),
        (new_saturation + np.zeros_like(hue)).astype(np.float32),
        new_value.astype(np.float32),
    )
    rgb = pixels[..., :3] * (1 - strength[..., None]) + painted * strength[..., None]
    out = np.concatenate([rgb, pixels[..., 3:]], axis=-1)
    return np.asarray(np.clip(out * 255 + 0.5, 0, 255), dtype=np.uint8)


_HUE_NAMES: tuple[tuple[float, str], ...] = (
    (14, "red"),
    (39, "orange"),
    (64, "yellow"),
    (165, "green"),
    (252, "blue"),
    (305, "purple"),
    (346, "pink"),
    (361, "red"),
)


def name_hsv(hue: float, saturation: float, value: float) -> str:
    """Name a colour with one of the words in ``COLOURS`` or "white"."""
    if value < 0.25:
        return "black"
    if saturation < 0.18:
        return "white" if value > 0.85 else "grey"
    name = next(name for limit, name in _HUE_NAMES if hue < limit)
    if name in {"red", "orange"} and value < 0.66 and hue > 8:
        return "brown"
    if name == "red" and saturation < 0.5 and value > 0.85:
        return "pink"
    return name


def natural_colour(rgba: NDArray[np.uint8]) -> str:
    """Name the colour an icon already has, or "" when no colour dominates."""
    pixels = _to_floats(rgba)
    hue, saturation, value = to_hsv(pixels[..., :3])
    subject = _find_subject(hue, saturation, value, pixels[..., 3])
    if subject.share < 0.5 or not subject.chromatic:
        return ""
    name = name_hsv(subject.hue, subject.saturation, subject.value)
    return "" if name == "white" else name


def dominant_colour(rgb: NDArray[np.uint8]) -> str:
    """Name the colour of what stands on a white ground, uint8 (H, W, 3)."""
    ink = 255 - rgb.min(axis=-1)
    alpha = np.where(ink > 24, 255, 0).astype(np.uint8)
    pixels = _to_floats(rgb)
    hue, saturation, value = to_hsv(pixels)
    if (alpha > 0).sum() < 20:
        return "white"
    subject = _find_subject(hue, saturation, value, (alpha > 0).astype(np.float32))
    return name_hsv(subject.hue, subject.saturation, subject.value)


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Composite on white: uint8 (..., 4) → uint8 (..., 3)."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    flat = rgba[..., :3] * alpha + 255 * (1 - alpha)
    return np.asarray(flat + 0.5, dtype=np.uint8)
