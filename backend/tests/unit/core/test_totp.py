"""Codes of RFC 6238, against the figures of its appendix B (its last six digits)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.find_step(SECRET, code, now) == seconds // totp.STEP_SECONDS


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(late: int, *, taken: bool) -> None:
    now = datetime.fromtimestamp(1111111109 + late, UTC)
    assert (totp.find_step(SECRET, "081804", now) is not None) is taken


@pytest.mark.parametrize("code", ["", "28708", "2870820", "287083", "２８７０８２", "\ud800", "abcdef"])
def test_nothing_else_is_a_code(code: str) -> None:
    assert totp.find_step(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_the_uri_says_what_authenticators_want_to_know() -> None:
    uri = totp.provisioning_uri(SECRET, account="ann@example.com", issuer="Easel")
    assert uri.startswith("otpauth://totp/Easel:ann%40example.com?")
    assert f"secret={totp.as_text(SECRET)}" in uri
    assert "issuer=Easel" in uri
