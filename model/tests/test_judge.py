"""The judges rank rightly and their lessons stay pictures on white."""

from pathlib import Path

import numpy as np
import pytest
import torch

from easel_model.concepts import DRAWN
from easel_model.icons import JUDGE_ONLY, Renders
from easel_model.judge import FAMILIAR, INDEPENDENT, Judge, _Network, distort, sets_of, shrink
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


@torch.no_grad()
def test_distortion_keeps_size_range_and_white_ground() -> None:
    generator = torch.Generator().manual_seed(0)
    white = torch.ones(16, 3, 64, 64)
    assert distort(white, generator).min() >= 0.85 - 1e-5
    pictures = torch.rand(16, 3, 64, 64, generator=generator) * 2 - 1
    moved = distort(pictures, generator)
    assert moved.shape == pictures.shape
    assert moved.abs().max() <= 1


def test_shrinking_averages() -> None:
    picture = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    picture[0, 0, 0] = 200
    assert shrink(picture)[0, :, :, 0].tolist() == [[50, 0], [0, 0]]


def test_ranks_follow_the_scores(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = _Network(len(DRAWN), 2)
    torch.save({"model": network.state_dict(), "sets": ["a", "b"]}, tmp_path / "judge-familiar.pt")
    judge = Judge(tmp_path, FAMILIAR)
    picture = np.random.default_rng(0).integers(0, 255, (1, 128, 128, 3), dtype=np.uint8)
    scores, _ = judge(picture)
    best, worst = DRAWN[int(scores[0].argmax())], DRAWN[int(scores[0].argmin())]
    assert judge.ranks(picture, [best]) == [0]
    assert judge.ranks(picture, [worst]) == [len(DRAWN) - 1]


def test_a_missing_judge_names_the_step(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train-judges"):
        Judge(tmp_path, INDEPENDENT)
