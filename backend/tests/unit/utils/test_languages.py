"""Accept-Language: what people's browsers say, and what nonsense comes instead."""

from __future__ import annotations

import pytest

from app.utils.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("fr, de;q=0.4", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("de;q=0, en", "en"),
        ("de;q=0", "en"),
        ("de;q=x", "en"),
        (",;q=1,;;,=", "en"),
        ("de" * 100_000, "en"),
        ("DE-de", "de"),
    ],
)
def test_the_reader_gets_the_language_that_they_like_best_of_ours(header: str | None, language: str) -> None:
    assert preferred(header, ["en", "de"]) == language
