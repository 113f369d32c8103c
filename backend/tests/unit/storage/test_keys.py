from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.integrations.storage.keys import check_key, check_prefix

WRONG_KEYS = ["", ".", "..", "/", "/etc/passwd", "a/../b", "a/..", "a//b", "a/", "./a", "a/.part-1", ".hidden"]
WRONG_CHARACTERS = ["a b", "a\\b", "a\0b", "ä", "a\n", "a%2fb", "a?b", "~a", "x" * 600]


@pytest.mark.parametrize("key", ["a", "org/jobs/01/0.png", "A-b_c.d/e..f", "0190"])
def test_a_key_is_segments_of_plain_characters(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", WRONG_KEYS + WRONG_CHARACTERS)
def test_a_key_that_could_mean_something_else_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        check_key(key)


@pytest.mark.parametrize("prefix", ["", "org", "org/", "org/jobs/0"])
def test_a_prefix_may_end_anywhere(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["..", "a/../..", "/etc", "a b", "a\0"])
def test_a_prefix_that_could_leave_the_storage_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidInput):
        check_prefix(prefix)


@given(st.text(alphabet="ab./_-", max_size=12))
def test_no_accepted_key_leaves_the_root(key: str) -> None:
    try:
        check_key(key)
    except InvalidInput:
        return
    assert not key.startswith("/")
    assert all(part not in {"", ".", ".."} for part in key.split("/"))
