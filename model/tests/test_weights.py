"""The committed weights load with stock diffusers and draw."""

import json
from pathlib import Path

import numpy as np
import pytest

from assemble import DEFAULT_WEIGHTS, assemble

pytestmark = pytest.mark.skipif(
    not (DEFAULT_WEIGHTS / "parts.json").exists(), reason="no weights in this checkout"
)


def test_the_model_loads_and_paints_the_colour_asked_for(tmp_path: Path) -> None:
    from easel_model.recolour import dominant_colour
    from easel_model.sampling import generate, load_pipeline

    limits = json.loads((DEFAULT_WEIGHTS / "easel.json").read_text())
    pipeline = load_pipeline(assemble(DEFAULT_WEIGHTS, tmp_path / "model"))
    assert pipeline.tokenizer.model_max_length == limits["max_prompt_tokens"]
    steps, guidance = limits["default_steps"], limits["default_guidance"]
    rows = generate(pipeline, ["a blue heart", "a red apple"], [1], steps, guidance)
    assert rows[0][0].shape == (limits["default_height"], limits["default_width"], 3)
    assert [dominant_colour(row[0]) for row in rows] == ["blue", "red"]
    assert np.mean(rows[0][0][:4]) > 230  # white ground


def test_the_repository_part_is_small() -> None:
    size = sum(path.stat().st_size for path in DEFAULT_WEIGHTS.rglob("*") if path.is_file())
    assert size < 45_000_000
