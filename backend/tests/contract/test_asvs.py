"""The table of docs/asvs.md counts right and names what exists."""

from __future__ import annotations

import re
from collections import Counter

from app.core.config import REPOSITORY_ROOT

TEXT = (REPOSITORY_ROOT / "docs" / "asvs.md").read_text()
ROWS = re.findall(
    r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (met|partly|not met|does not apply) \| (.+?) \|$", TEXT, re.MULTILINE
)
PLACES = ("", "backend", "backend/app")


def test_each_requirement_of_levels_one_and_two_is_there_once() -> None:
    ids = [row[0] for row in ROWS]
    assert len(ids) == len(set(ids)) == 253
    assert {identifier.partition(".")[0] for identifier in ids} == {str(chapter) for chapter in range(1, 18)}


def test_the_figures_are_those_of_the_rows() -> None:
    counts = Counter(row[2] for row in ROWS)
    told = re.search(
        r"Of (\d+) requirements (\d+) apply: (\d+) are met, (\d+) partly, (\d+) are not met.\D+(\d+)", TEXT
    )
    assert told is not None
    figures = [len(ROWS), len(ROWS) - counts["does not apply"], counts["met"], counts["partly"], counts["not met"]]
    assert [int(figure) for figure in told.groups()] == [*figures, counts["does not apply"]]


def test_what_is_named_exists() -> None:
    named = {path for row in ROWS for path in re.findall(r"`([\w./-]+(?:\.\w+|/))`", row[3]) if "/" in path}
    assert len(named) > 40
    missing = {path for path in named if not any((REPOSITORY_ROOT / place / path).exists() for place in PLACES)}
    assert missing == set()
