"""The training pictures keep their promises: what is held out never appears."""

from pathlib import Path

import numpy as np
import pytest

from easel_model import views
from easel_model.concepts import HELD_OUT_PAIRS
from easel_model.icons import IMAGE_SIZE, Renders
from easel_model.recolour import COLOURS


def icon(rgb: tuple[int, int, int]) -> np.ndarray:
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE, 4), dtype=np.uint8)
    image[20:110, 24:104] = (*rgb, 255)
    return image


@pytest.fixture
def renders() -> Renders:
    """A blue cat (a held-out colour by nature), a hat and an undrawn tractor."""
    rows = [
        ("fluent-emoji-flat", "cat", 0, icon((60, 120, 230))),
        ("fluent-emoji-flat", "cat", 1, icon((60, 120, 230))),
        ("fluent-emoji-flat", "hat", 0, icon((40, 40, 44))),
        ("fluent-emoji-high-contrast", "cat", 0, icon((0, 0, 0))),
        ("fluent-emoji-flat", "tractor", 0, icon((200, 40, 40))),
        ("twemoji", "cat", 0, icon((250, 200, 60))),
    ]
    sets, concepts, numbers, images = zip(*rows, strict=True)
    return Renders(np.stack(images), list(sets), list(concepts), list(numbers))


def test_held_out_pairs_never_appear(renders: Renders) -> None:
    found = views.collect(renders)
    told = {(s.concept, s.colour or s.natural) for s in found.subjects}
    assert told.isdisjoint(HELD_OUT_PAIRS)
    assert {colour for _, colour in told} >= set(COLOURS) - {"blue"}


def test_only_drawn_nouns_and_drawn_sets_appear(renders: Renders) -> None:
    found = views.collect(renders)
    assert {s.concept for s in found.subjects} == {"cat", "hat"}
    assert "twemoji" not in {s.icon_set for s in found.subjects}


def test_outlines_are_not_painted(renders: Renders) -> None:
    outlines = [
        subject
        for subject in views.collect(renders).subjects
        if subject.icon_set == "fluent-emoji-high-contrast"
    ]
    assert outlines
    assert all(not subject.colour and not subject.natural for subject in outlines)


def test_scenes_have_their_share(renders: Renders) -> None:
    found = views.collect(renders)
    scenes = [w for w, s in zip(found.weights, found.subjects, strict=True) if s.extra]
    assert sum(found.weights) == pytest.approx(1)
    assert sum(scenes) == pytest.approx(views.SCENE_SHARE)


def test_what_is_written_is_read_again(
    renders: Renders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "load_renders", lambda _run: renders)
    views.build(tmp_path)
    found, wanted = views.load(tmp_path), views.collect(renders)
    assert found.subjects == wanted.subjects
    assert (found.images == np.stack(wanted.images)).all()


def test_jitter_loses_nothing_of_a_large_icon() -> None:
    margin = (IMAGE_SIZE - 120) // 2
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE, 4), dtype=np.uint8)
    image[margin:-margin, margin:-margin] = 255
    rng = np.random.default_rng(0)
    assert all((views.jitter(image, rng) > 0).sum() == (image > 0).sum() for _ in range(20))
