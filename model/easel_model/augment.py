"""Random views of rendered icons, as a seeded stream."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from easel_model.concepts import HELD_OUT_PAIRS, HELD_OUT_RENDERINGS, LATER
from easel_model.icons import Renders
from easel_model.recolour import COLOURS, on_white, recolour

MAX_SHIFT = 2
"""Largest translation in pixels; keeps a 60 pixel icon inside the image."""

SET_WEIGHTS: dict[str, float] = {
    "fluent-emoji-flat": 3.0,
    "fluent-emoji": 3.0,
    "noto": 3.0,
    "noto-v1": 0.8,
    "fxemoji": 0.4,
}
"""Share of each icon set per concept: styles that agree weigh more."""

UNPAINTABLE: frozenset[tuple[str, str]] = frozenset({("noto", "rocket")})
"""(set, concept) whose dominant colour is not the object's (here: the flame)."""


@dataclass(frozen=True, slots=True)
class View:
    """One augmented image, uint8 RGB (64, 64, 3), and what is true of it."""

    image: NDArray[np.uint8]
    concept: str
    colour: str


def may_paint(set_name: str, concept: str, colour: str) -> bool:
    """Whether training may show this rendering in this colour."""
    return (concept, colour) not in HELD_OUT_PAIRS and (set_name, concept) not in UNPAINTABLE


def is_held_out(set_name: str, concept: str) -> bool:
    """Whether a rendering is reserved for validation."""
    return (set_name, concept) in HELD_OUT_RENDERINGS


def jitter(
    rgba: NDArray[np.uint8], rng: np.random.Generator, flip: bool = True
) -> NDArray[np.uint8]:
    """Flip at random (if allowed), shift by up to ``MAX_SHIFT`` pixels; same shape."""
    if flip and rng.random() < 0.5:
        rgba = rgba[:, ::-1]
    down, right = rng.integers(-MAX_SHIFT, MAX_SHIFT + 1, size=2)
    return np.roll(rgba, (int(down), int(right)), axis=(0, 1))


class ViewStream:
    """Endless augmented views for the autoencoder.

    Nine of ten views show a concept that the UNet learns (half of them
    recoloured), the others any icon, so that the rest is not forgotten.
    """

    def __init__(self, renders: Renders, seed: int) -> None:
        self._renders = renders
        self._rng = np.random.default_rng(seed)
        wanted = [
            bool(concept)
            and concept not in LATER
            and set_name in SET_WEIGHTS
            and not is_held_out(set_name, concept)
            for set_name, concept in zip(renders.sets, renders.concepts, strict=True)
        ]
        self._concept_rows = np.flatnonzero(wanted)
        self._other_rows = np.flatnonzero([not concept for concept in renders.concepts])
        weights = np.array([SET_WEIGHTS[renders.sets[row]] for row in self._concept_rows])
        self._chances = weights / weights.sum()
        self._colours = list(COLOURS)

    def image(self) -> NDArray[np.uint8]:
        """Next view as uint8 RGB (64, 64, 3)."""
        rng = self._rng
        if rng.random() < 0.9:
            row = int(rng.choice(self._concept_rows, p=self._chances))
        else:
            row = int(rng.choice(self._other_rows))
        rgba = self._renders.rgba[row]
        if rng.random() < 0.5:
            colour = self._colours[int(rng.integers(len(self._colours)))]
            if may_paint(self._renders.sets[row], self._renders.concepts[row], colour):
                rgba = recolour(rgba, colour)
        return on_white(jitter(rgba, rng))

    def batch(self, size: int) -> NDArray[np.uint8]:
        """Next ``size`` views, uint8 (size, 64, 64, 3)."""
        return np.stack([self.image() for _ in range(size)])
