"""Cursors: opaque, and never trusted."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.services.cursors import decode_cursor, encode_cursor


@given(st.uuids())
def test_what_was_given_comes_back(identifier: UUID) -> None:
    assert decode_cursor(encode_cursor(identifier)) == identifier


def test_none_is_the_first_page() -> None:
    assert decode_cursor(None) is None


# 22 letters of the URL-safe alphabet are 16 bytes, and so some id; whose it is, the query's own filter decides.
@given(st.text(max_size=60).filter(lambda text: re.fullmatch(r"[A-Za-z0-9_-]{22}=*", text) is None))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as failure:
        decode_cursor(text)
    assert failure.value.errors[0].pointer == "/cursor"


@pytest.mark.parametrize("text", ["", "AAAA", "../../etc/passwd", "é" * 22, "A" * 2000])
def test_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not one that this API gave"):
        decode_cursor(text)
