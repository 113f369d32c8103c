"""The questions are fixed and fair; the figures count what they say."""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from easel_model.captions import captions
from easel_model.concepts import DRAWN, HELD_OUT_PAIRS
from easel_model.evaluate import PROMPTS, SceneFinder, Tally, phrase, questions, spread
from easel_model.near_words import NEAR_WORDS
from easel_model.scenes import scenes
from easel_model.styles import STYLES
from easel_model.views import Subject, Views


def test_there_are_a_thousand_the_same_each_time() -> None:
    asked = questions()
    assert len(asked) == PROMPTS
    assert asked == questions()


def test_every_noun_is_asked_for_and_every_held_out_pair() -> None:
    asked = questions()
    assert {q.subject.concept for q in asked if q.split == "plain"} == set(DRAWN)
    held_out = {(q.subject.concept, q.subject.colour) for q in asked if q.split == "held-out pairs"}
    assert held_out == HELD_OUT_PAIRS
    seen = {(q.subject.concept, q.subject.colour) for q in asked if q.split == "seen pairs"}
    assert len(seen) > 400
    assert seen.isdisjoint(HELD_OUT_PAIRS)


def test_every_split_is_asked() -> None:
    counts = Counter(question.split for question in questions())
    assert set(counts) == {
        "plain",
        "synonyms",
        "unknown words",
        "held-out pairs",
        "styles",
        "scenes",
        "seen pairs",
    }


def test_fewer_questions_are_a_fair_sample() -> None:
    few = questions(200)
    assert few == questions()[:200]
    counts = Counter(question.split for question in few)
    assert len(counts) == 7
    assert 60 <= counts["seen pairs"] <= 130


def test_unknown_words_are_unknown_and_mean_what_is_drawn() -> None:
    learned = {word for text in _all_captions() for word in re.findall("[a-z]+", text.lower())}
    assert learned.isdisjoint(NEAR_WORDS)
    assert set(NEAR_WORDS.values()) <= set(DRAWN)


def _all_captions() -> Iterator[str]:
    for noun in DRAWN:
        for icon_set in ("", *STYLES):
            yield from (text for text, _ in captions(noun, icon_set=icon_set))
    for scene in scenes():
        yield scene.extra


def test_phrases_read_as_typed() -> None:
    assert phrase("apple", "red") == "a red apple"
    assert phrase("cat", extra="with a hat") == "a cat with a hat"
    assert phrase("grapes") == "grapes"


def test_a_tally_gives_percent() -> None:
    tally = Tally()
    for right in (True, False, False, True, True):
        tally.add("noun", right)
    assert tally.percent() == {"noun": 60.0}


def test_spread_is_the_mean_difference() -> None:
    pictures = np.zeros((2, 128, 128, 3), dtype=np.uint8)
    assert spread(pictures) == 0
    pictures[1] = 10
    assert spread(pictures) == pytest.approx(10)


def test_a_scene_is_found_by_its_like() -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (3, 16, 16, 3), dtype=np.uint8)
    pictures = coarse.repeat(8, axis=1).repeat(8, axis=2)
    subjects = [
        Subject("cat", "", "", "noto"),
        Subject("cat", "", "", "noto", "with a hat"),
        Subject("dog", "blue", "", "noto"),
    ]
    finder = SceneFinder(Views(pictures, np.ones(3) / 3, subjects))
    noisy = np.clip(pictures[1].astype(int) + 9, 0, 255).astype(np.uint8)
    assert finder(noisy[None]) == [subjects[1]]
