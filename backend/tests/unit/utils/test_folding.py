from __future__ import annotations

import pytest

from app.utils.folding import fold, readings


@pytest.mark.parametrize(
    "spelling",
    [
        "naked",
        "NAKED",
        "Nаkеd",  # Cyrillic а and е
        "νακеd",  # Greek and Cyrillic
        "ｎａｋｅｄ",
        "𝓷𝓪𝓴𝓮𝓭",
        "ñákéd",
        "n\u0336a\u0336k\u0336e\u0336d\u0336",
        "na\u200bk\u200ded",
        "na\u00adked",
        "n a k e d",
        "n.a.k.e.d",
        "n - a - k - e - d",
        "n_a_k_e_d",
        "n4k3d",
        "n 4 k 3 d",
        "N4KED",
    ],
)
def test_one_of_the_readings_is_the_word_that_is_meant(spelling: str) -> None:
    assert "naked" in readings(spelling)


@pytest.mark.parametrize("text", ["I am a cat", "a b", "3 cats at 10 o'clock", "x", ""])
def test_ordinary_text_stays_what_it_is(text: str) -> None:
    assert readings(text)[0] == text.lower()


def test_spaces_and_lines_become_one_space() -> None:
    assert fold("  a\u00a0red\n\t rocket ") == "a red rocket"


def test_other_scripts_are_folded_the_same_way_on_both_sides() -> None:
    assert fold("Запрет") == fold("запрет")
    assert fold("禁止") == "禁止"
