"""Scenes put things where their captions say, inside the picture."""

import numpy as np
import pytest

from easel_model.concepts import DRAWN
from easel_model.icons import IMAGE_SIZE
from easel_model.scenes import Icon, Scene, scenes

RED, BLUE = (200, 30, 30), (30, 30, 200)


def block(colour: tuple[int, int, int]) -> Icon:
    """A square of one colour on nothing, (128, 128, 4)."""
    icon = np.zeros((IMAGE_SIZE, IMAGE_SIZE, 4), dtype=np.uint8)
    icon[30:100, 30:100] = (*colour, 255)
    return icon


def centre(picture: Icon, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Mean row and column of what has a colour."""
    near = np.abs(picture[..., :3].astype(int) - colour).max(axis=-1) < 40
    rows, columns = np.nonzero(near & (picture[..., 3] > 200))
    return float(rows.mean()), float(columns.mean())


def placed(extra: str) -> Icon:
    scene = next(scene for scene in scenes() if scene.extra == extra)
    return scene.place(block(RED), [block(BLUE) for _ in scene.others])


def test_a_hat_is_on_top() -> None:
    picture = placed("with a hat")
    assert centre(picture, BLUE)[0] < centre(picture, RED)[0] - 20


def test_who_is_under_an_umbrella_is_below_it() -> None:
    picture = placed("under an umbrella")
    assert centre(picture, RED)[0] > centre(picture, BLUE)[0] + 20


def test_a_small_thing_is_in_the_corner() -> None:
    picture = placed("with a star")
    row, column = centre(picture, BLUE)
    assert row < IMAGE_SIZE / 2 < column


@pytest.mark.parametrize("scene", list(scenes()), ids=lambda s: f"{s.subject} {s.extra}")
def test_every_scene_can_be_drawn_and_shows_all(scene: Scene) -> None:
    assert {scene.subject, *scene.others} <= set(DRAWN)
    picture = scene.place(block(RED), [block(BLUE) for _ in scene.others])
    assert picture.shape == (IMAGE_SIZE, IMAGE_SIZE, 4)
    for colour in (RED, BLUE):
        near = np.abs(picture[..., :3].astype(int) - colour).max(axis=-1) < 40
        assert (near & (picture[..., 3] > 200)).sum() > 200
