"""Captions are what people type, and their shares are probabilities."""

import pytest

from easel_model.captions import article, captions
from easel_model.concepts import ACCEPTANCE_PROMPTS, BY_NAME, HELD_OUT_PAIRS, LATER
from easel_model.recolour import COLOURS


@pytest.mark.parametrize("colour", ["", "red"])
@pytest.mark.parametrize("concept", sorted(BY_NAME))
def test_shares_sum_to_one(concept: str, colour: str) -> None:
    assert sum(share for _, share in captions(concept, colour)) == pytest.approx(1)


def test_the_plain_prompt_is_the_likeliest_caption() -> None:
    listed = captions("rocket", "red")
    assert max(listed, key=lambda pair: pair[1])[0] == "a red rocket"


def test_synonyms_are_used() -> None:
    assert "a blue plane" in dict(captions("airplane", "blue"))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [("apple", "an "), ("red apple", "a "), ("umbrella", "an "), ("grapes", ""), ("unicorn", "a ")],
)
def test_articles_fit(phrase: str, expected: str) -> None:
    assert article(phrase) == expected


def test_an_unknown_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown colour"):
        captions("cat", "turquoise")


def test_the_lists_name_only_known_concepts_and_colours() -> None:
    assert set(BY_NAME) >= LATER
    assert all(concept in BY_NAME and colour in COLOURS for concept, colour in HELD_OUT_PAIRS)


def test_no_acceptance_prompt_is_held_out() -> None:
    held_out = {f"a {colour} {concept}" for concept, colour in HELD_OUT_PAIRS}
    assert held_out.isdisjoint(ACCEPTANCE_PROMPTS)
