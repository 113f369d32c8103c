"""Sealing: what was sealed opens in its place, and nowhere else."""

from __future__ import annotations

import pytest

from app.core.sealing import BrokenSeal, Sealer

SECRET = b"a secret for tests that is long enough"


def test_what_was_sealed_opens_and_shows_nothing_before() -> None:
    sealer = Sealer(SECRET, "tests")
    first, second = sealer.seal(b"hidden", b"here"), sealer.seal(b"hidden", b"here")
    assert sealer.open(first, b"here") == b"hidden"
    assert b"hidden" not in first
    assert first != second


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02" + b"0" * 60, b"\x01" + b"0" * 60])
def test_what_we_did_not_seal_does_not_open(broken: bytes) -> None:
    with pytest.raises(BrokenSeal):
        Sealer(SECRET, "tests").open(broken, b"here")


def test_another_place_purpose_or_secret_does_not_open_it() -> None:
    sealed = Sealer(SECRET, "tests").seal(b"hidden", b"here")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for sealer, value, place in (
        (Sealer(SECRET, "tests"), sealed, b"there"),
        (Sealer(SECRET, "tests"), changed, b"here"),
        (Sealer(SECRET, "other"), sealed, b"here"),
        (Sealer(SECRET + b"!", "tests"), sealed, b"here"),
    ):
        with pytest.raises(BrokenSeal):
            sealer.open(value, place)
