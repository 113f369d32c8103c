from __future__ import annotations

import pytest

from app.core.enums import RuleKind
from app.core.errors import InvalidInput
from app.services.prompt_rules import make_matcher
from app.utils.folding import readings


def finds(kind: RuleKind, pattern: str, text: str) -> bool:
    matcher = make_matcher(kind, pattern)
    return any(matcher.finds(reading) for reading in (text, *readings(text)))


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("gore", "a scene full of gore", True),
        ("gore", "GORE!", True),
        ("gore", "Gregor Eats", False),
        ("gore", "a gorey sight", False),
        ("gore", "gory, gore", True),
        ("blood and guts", "Blood  AND\nguts everywhere", True),
        ("blood and guts", "blood and other guts", False),
        ("gore", "g o r e", True),
        ("gore", "g0re", True),
        ("gоre", "gore", True),  # the rule itself has a Cyrillic о
        ("кровь", "много КРОВЬ", True),
        ("血", "血の海", False),  # no spaces, so no word of its own: a regex is the tool for that
    ],
)
def test_words_are_found_as_whole_words_in_any_spelling(words: str, text: str, expected: bool) -> None:
    assert finds(RuleKind.WORDS, words, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"blood(y|ied)?", "a BLOODY axe", True),
        (r"血", "血の海", True),
        (r"\bcats?\b.*\bdogs?\b", "cats with dogs", True),
        (r"^only this$", "only this", True),
        (r"naked", "n4k3d", True),
        (r"naked", "dressed", False),
    ],
)
def test_expressions_are_found_whatever_the_case(pattern: str, text: str, expected: bool) -> None:
    assert finds(RuleKind.REGEX, pattern, text) is expected


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (RuleKind.WORDS, "  "),
        (RuleKind.WORDS, "!?"),
        (RuleKind.WORDS, "\u200b"),
        (RuleKind.REGEX, "("),
        (RuleKind.REGEX, "(?<=a)b"),
        (RuleKind.REGEX, r"(a)\1"),
        (RuleKind.REGEX, "a*"),
        (RuleKind.REGEX, ""),
        (RuleKind.REGEX, "((a{1,100}){1,100}){1,100}"),
    ],
)
def test_a_pattern_that_can_not_be_or_matches_everything_is_refused(kind: RuleKind, pattern: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        make_matcher(kind, pattern)
    assert refusal.value.errors[0].pointer == "/pattern"


def test_no_expression_can_hold_up_the_service() -> None:
    """A backtracking engine would not come back from these."""
    for pattern in (r"(a+)+$", r"(a|aa)+$", r"(.*a){20}b"):
        assert not make_matcher(RuleKind.REGEX, pattern).finds("a" * 20_000 + "!")
