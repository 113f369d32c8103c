"""An interrupted evaluation draws each picture once, and the same as in one go."""

from pathlib import Path

import numpy as np
import pytest

from assemble import DEFAULT_WEIGHTS, assemble
from easel_model.answers import Answers, Settings
from easel_model.sampling import generate, load_pipeline

PROMPTS = ["a blue heart", "a red apple", "a blue heart", "a dog"]
SETTINGS = Settings(seeds=2, steps=2, guidance=1.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DEFAULT_WEIGHTS, tmp_path_factory.mktemp("answers") / "model")


def test_it_goes_on_where_it_stopped(tmp_path: Path, model: Path) -> None:
    answers = Answers(tmp_path, model, SETTINGS)
    answers.draw(PROMPTS, minutes=0)
    first = answers.find("a blue heart")
    assert first is not None
    assert answers.find("a dog") is None

    before = {path: path.stat().st_mtime_ns for path in answers.folder.iterdir()}
    again = Answers(tmp_path, model, SETTINGS)
    again.draw(PROMPTS)
    drawn = before.keys() - {answers.folder / "settings.json"}
    assert {path: path.stat().st_mtime_ns for path in drawn} == {
        path: before[path] for path in drawn
    }
    assert len(list(answers.folder.glob("*.png"))) == len(set(PROMPTS))

    alone = generate(load_pipeline(model), ["a dog"], [0, 1], SETTINGS.steps, SETTINGS.guidance)[0]
    kept = again.find("a dog")
    assert kept is not None
    assert kept.shape == (2, 128, 128, 3)
    # Another batch size may round differently in the last bit.
    assert np.abs(kept.astype(int) - np.stack(alone).astype(int)).max() <= 2


def test_other_settings_are_other_answers(tmp_path: Path, model: Path) -> None:
    one = Answers(tmp_path, model, SETTINGS)
    two = Answers(tmp_path, model, Settings(seeds=2, steps=3, guidance=1.0))
    assert one.folder != two.folder
    assert one.folder == Answers(tmp_path, model, Settings(2, 2, 1.0)).folder
