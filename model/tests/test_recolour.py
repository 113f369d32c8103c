"""Recolouring changes the object's colour and nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from easel_model.recolour import (
    COLOURS,
    dominant_colour,
    natural_colour,
    on_white,
    recolour,
    to_hsv,
    to_rgb,
)


def tree() -> NDArray[np.uint8]:
    """A green crown on a brown trunk, transparent around, (64, 64, 4)."""
    image = np.zeros((64, 64, 4), dtype=np.uint8)
    image[8:44, 12:52] = (60, 160, 50, 255)
    image[44:60, 28:36] = (120, 70, 40, 255)
    return image


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_the_object_gets_the_named_colour(colour: str) -> None:
    assert dominant_colour(on_white(recolour(tree(), colour))) == colour


def test_the_trunk_stays_brown() -> None:
    painted = recolour(tree(), "blue")
    assert np.abs(painted[50, 32].astype(int) - tree()[50, 32]).max() <= 2


def test_transparency_is_kept() -> None:
    assert (recolour(tree(), "red")[..., 3] == tree()[..., 3]).all()


def test_a_white_object_can_be_painted() -> None:
    ghost = np.zeros((64, 64, 4), dtype=np.uint8)
    ghost[10:50, 20:44] = (240, 240, 242, 255)
    assert dominant_colour(on_white(recolour(ghost, "green"))) == "green"


def test_the_natural_colour_is_named() -> None:
    assert natural_colour(tree()) == "green"


def test_hsv_round_trip() -> None:
    rgb = np.random.default_rng(0).random((100, 3)).astype(np.float32)
    assert np.abs(to_rgb(*to_hsv(rgb)) - rgb).max() < 1e-4
