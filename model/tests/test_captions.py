"""Captions are what people type, and their shares are probabilities."""

import pytest

from easel_model.cache import subject_captions
from easel_model.captions import article, captions
from easel_model.concepts import BY_NAME, DRAWN, HELD_OUT_PAIRS, LATER
from easel_model.recolour import COLOURS
from easel_model.styles import STYLES
from easel_model.text import MAX_TOKENS, package_dir
from easel_model.views import Subject


@pytest.mark.parametrize("colour", ["", "red"])
@pytest.mark.parametrize("icon_set", ["", *STYLES])
def test_shares_sum_to_one(icon_set: str, colour: str) -> None:
    for concept in BY_NAME:
        listed = captions(concept, colour, icon_set)
        assert sum(share for _, share in listed) == pytest.approx(1)
        assert all("  " not in text and text == text.strip() for text, _ in listed)


def test_the_plain_prompt_is_the_likeliest_caption() -> None:
    listed = captions("rocket", "red")
    assert max(listed, key=lambda pair: pair[1])[0] == "a red rocket"


def test_synonyms_are_used() -> None:
    assert "a blue plane" in dict(captions("airplane", "blue"))


def test_scenes_follow_the_noun() -> None:
    assert "a blue cat with a hat" in dict(captions("cat", "blue", extra="with a hat"))
    assert "glasses with a star" in dict(captions("glasses", extra="with a star"))


def test_a_style_is_named_only_when_asked_for() -> None:
    words = STYLES["noto"].words
    assert all(any(word in text for word in words) for text, _ in captions("cat", "", "noto"))
    assert not any(any(word in text for word in words) for text, _ in captions("cat"))


def test_a_black_and_white_picture_always_says_so() -> None:
    listed = subject_captions(Subject("cat", "", "", "fluent-emoji-high-contrast"))
    words = STYLES["fluent-emoji-high-contrast"].words
    assert all(any(word in text for word in words) for text, _ in listed)


def test_a_natural_colour_is_named_half_the_time() -> None:
    listed = subject_captions(Subject("cat", "", "orange", "fluent-emoji-flat"))
    assert sum(share for _, share in listed) == pytest.approx(1)
    assert sum(share for text, share in listed if "orange" in text) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("phrase", "noun", "expected"),
    [
        ("apple", "apple", "an "),
        ("red apple", "apple", "a "),
        ("umbrella", "umbrella", "an "),
        ("grapes", "grapes", ""),
        ("unicorn", "unicorn", "a "),
        ("blue french fries", "french fries", ""),
        ("yellow glasses", "glasses", ""),
        ("glossy", "", "a "),
        ("orange cat", "cat", "an "),
    ],
)
def test_articles_fit(phrase: str, noun: str, expected: str) -> None:
    assert article(phrase, noun) == expected


def test_an_unknown_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown colour"):
        captions("cat", "turquoise")


def test_the_lists_name_only_known_concepts_and_colours() -> None:
    assert set(BY_NAME) >= LATER
    assert len(DRAWN) >= 150
    assert all(concept in DRAWN and colour in COLOURS for concept, colour in HELD_OUT_PAIRS)


def test_captions_fit_into_the_encoder() -> None:
    from transformers import BertTokenizer

    tokenizer = BertTokenizer.from_pretrained(package_dir())
    longest = [
        text
        for icon_set in STYLES
        for text, _ in captions("smiling face", "purple", icon_set, "with a balloon")
    ]
    assert max(len(ids) for ids in tokenizer(longest).input_ids) <= MAX_TOKENS
