"""Ids that tell nothing: they come back where they were told, and nowhere else."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.opaque_ids import OpaqueIds

SECRET = b"a secret for tests that is long enough"
HERE, THERE = OpaqueIds(SECRET, "here"), OpaqueIds(SECRET, "there")


@given(st.uuids())
def test_an_id_comes_back_only_where_it_was_told(identifier: UUID) -> None:
    assert HERE.find(HERE.seal(identifier)) == identifier
    assert THERE.find(HERE.seal(identifier)) != identifier
    assert HERE.seal(identifier) != THERE.seal(identifier)


@pytest.mark.parametrize("text", ["", "x", "A" * 21, "A" * 23, "A" * 24, "ä" * 22, "a b" * 7 + "c", "\x00" * 22])
def test_what_is_no_sealed_id_names_nothing(text: str) -> None:
    assert HERE.find(text) is None


@given(st.text(max_size=30))
def test_no_text_is_too_strange(text: str) -> None:
    found = HERE.find(text)
    assert found is None or isinstance(found, UUID)
