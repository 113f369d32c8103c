"""The judges rank rightly and their lessons stay pictures on white."""

from pathlib import Path

import numpy as np
import pytest
import torch

from easel_model.concepts import DRAWN
from easel_model.icons import JUDGE_ONLY, Renders
from easel_model.judge import (
    FAMILIAR,
    INDEPENDENT,
    Judge,
    distort,
    outlines,
    sets_of,
    shrink,
    train,
)
from easel_model.recolour import on_white, recolour
from easel_model.styles import STYLES

SETS = [*STYLES, "noto-v1", "fxemoji", "twemoji", "emojione"]


@pytest.fixture
def renders() -> Renders:
    empty = np.zeros((len(SETS), 2, 2, 4), dtype=np.uint8)
    return Renders(empty, list(SETS), ["cat"] * len(SETS), [0] * len(SETS))


def test_the_independent_judge_sees_no_drawn_set(renders: Renders) -> None:
    assert set(sets_of(INDEPENDENT, renders)).isdisjoint(STYLES)
    assert set(sets_of(FAMILIAR, renders)) == set(SETS)


def test_the_model_sees_no_set_of_the_judge_only() -> None:
    assert JUDGE_ONLY.isdisjoint(STYLES)


def test_distortion_keeps_size_range_and_white_ground() -> None:
    generator = torch.Generator().manual_seed(0)
    white = torch.ones(16, 3, 64, 64)
    assert distort(white, generator).min() >= 1 - 1e-5
    pictures = torch.rand(16, 3, 64, 64, generator=generator) * 2 - 1
    moved = distort(pictures, generator)
    assert moved.shape == pictures.shape
    assert moved.abs().max() <= 1 + 1e-5


def test_outlines_stay_when_the_colour_changes() -> None:
    red, blue, bar = torch.ones(3, 1, 3, 64, 64)
    red[:, 1:, 16:48, 16:48] = -1
    blue[:, :2, 16:48, 16:48] = -1
    bar[:, 1:, 28:36, 8:56] = -1
    red, blue, bar = (outlines(picture)[0] for picture in (red, blue, bar))
    assert torch.dist(red, blue) < 0.01 * torch.dist(red, bar)


def test_shrinking_averages() -> None:
    picture = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    picture[0, 0, 0] = 200
    assert shrink(picture)[0, :, :, 0].tolist() == [[50, 0], [0, 0]]


def test_a_judge_names_what_it_has_seen_in_another_colour(tmp_path: Path) -> None:
    shapes = {"star": (8, 120, 56, 72), "heart": (56, 72, 8, 120), "book": (32, 96, 32, 96)}
    drawings = []
    for number, (top, bottom, left, right) in enumerate(shapes.values()):
        drawing = np.zeros((128, 128, 4), dtype=np.uint8)
        drawing[top:bottom, left:right] = (200, 40 * number, 30, 255)
        drawings += [drawing, np.ascontiguousarray(drawing[:, ::-1])]
    concepts = [concept for concept in shapes for _ in range(2)]
    rgba = np.stack(drawings)
    np.savez(
        tmp_path / "renders.npz",
        rgba=rgba,
        sets=["noto", "twemoji"] * 3,
        concepts=concepts,
        views=[0] * 6,
    )
    train(tmp_path, FAMILIAR)
    judge = Judge(tmp_path, FAMILIAR)
    pictures = on_white(np.stack([recolour(drawing, "green") for drawing in drawings[::2]]))
    assert judge.ranks(pictures, list(shapes)) == [0, 0, 0]
    scores, sets = judge(pictures)
    assert scores.shape == (3, len(DRAWN))
    assert set(sets) <= {"noto", "twemoji"}
    assert judge.ranks(pictures[:1], ["book"])[0] > 0


def test_a_missing_judge_names_the_step(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train-judges"):
        Judge(tmp_path, INDEPENDENT)
