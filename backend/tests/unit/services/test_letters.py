"""Letters: whole in every language, and no way to smuggle anything into them."""

from __future__ import annotations

from string import Formatter

import pytest

from app.core.enums import Language
from app.services.letter_texts import CLOSING, LETTERS, Words
from app.services.letters import write_letter

VALUES = {"inviter": "Ann", "organization": "Studio", "days": 7}


def blanks(words: Words) -> list[set[str]]:
    return [{name for _, name, _, _ in Formatter().parse(each) if name} for each in (words.subject, *words.paragraphs)]


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_says_the_same_in_every_language(kind: str) -> None:
    assert LETTERS[kind].keys() == set(Language) == CLOSING.keys()
    versions = list(LETTERS[kind].values())
    assert len({len(words.paragraphs) for words in versions}) == 1
    assert len({words.action is None for words in versions}) == 1
    assert all(blanks(words) == blanks(versions[0]) for words in versions)
    assert len({words.subject for words in versions}) == len(versions)


def test_a_name_stays_text() -> None:
    evil = '<script>alert(1)</script>\r\nBcc: all@example.com {days} "'
    letter = write_letter("invitation", Language.ENGLISH, link="https://e.example/#t", **{**VALUES, "inviter": evil})
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject
    assert "<script>" not in letter.as_html()
    assert "{days}" in letter.subject, "braces in a name are not filled in"


def test_a_long_name_is_cut() -> None:
    letter = write_letter("invitation", Language.GERMAN, link="x", **{**VALUES, "organization": "y" * 5000})
    assert len(letter.subject) < 200
