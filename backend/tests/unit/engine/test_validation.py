from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.engine.protocol import ModelDefaults, ModelInfo, ModelLimits
from app.engine.validation import megapixel_steps, resolve_parameters

MODEL = ModelInfo(
    id="small",
    name="Small",
    source="small",
    limits=ModelLimits(64, 256, 64, 128, 8, max_steps=50, max_images=4),
    defaults=ModelDefaults(96, 64, 20, 4.0),
)
LISTED = replace(MODEL, limits=replace(MODEL.limits, sizes=((96, 64), (64, 96))))


def pointers(model: ModelInfo, **asked: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        resolve_parameters(model, **asked)
    return [error.pointer for error in refused.value.errors]


def test_null_means_the_models_default() -> None:
    resolved = resolve_parameters(MODEL)
    assert (resolved.width, resolved.height, resolved.steps, resolved.guidance) == (96, 64, 20, 4.0)
    assert resolved.num_images == 1


def test_zero_guidance_is_not_null() -> None:
    assert resolve_parameters(MODEL, guidance=0).guidance == 0


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = {"width": 32, "height": 100, "steps": 51, "guidance": -1.0, "num_images": 5}
    assert pointers(MODEL, **wrong) == ["/width", "/height", "/steps", "/guidance", "/num_images"]


def test_the_sentence_says_what_the_model_can_do() -> None:
    with pytest.raises(InvalidInput, match="Small makes widths from 64 to 256 pixels in multiples of 8"):
        resolve_parameters(MODEL, width=100)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 51.0])
def test_guidance_is_a_small_number(value: float) -> None:
    assert pointers(MODEL, guidance=value) == ["/guidance"]


@pytest.mark.parametrize("steps", [0, -1])
def test_there_is_at_least_one_step(steps: int) -> None:
    assert pointers(MODEL, steps=steps) == ["/steps"]


@pytest.mark.parametrize(
    ("width", "height", "wrong"),
    [(72, 64, ["/width"]), (96, 72, ["/height"]), (72, 72, ["/width", "/height"]), (96, 96, ["/height"])],
)
def test_a_listed_size_is_a_pair(width: int, height: int, wrong: list[str]) -> None:
    assert pointers(LISTED, width=width, height=height) == wrong


def test_a_size_of_the_list_is_fine() -> None:
    assert resolve_parameters(LISTED, width=64, height=96).width == 64


def test_cost_is_in_megapixel_steps() -> None:
    assert megapixel_steps(1000, 1000, 20, 2) == 40.0
    assert resolve_parameters(MODEL, num_images=2).cost == pytest.approx(96 * 64 * 20 * 2 / 1e6)
