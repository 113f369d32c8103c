"""The rotating keys of access tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from app.core import security
from app.core.enums import Role, Scope
from app.core.errors import Unauthenticated
from app.core.ids import new_id
from app.core.security import AccessTokens, Principal
from app.core.signing import CLOCK_SKEW, SigningKeys

SECRET = b"a secret of at least thirty-two bytes"
DAY = timedelta(days=1)
LIVE = timedelta(minutes=10)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def make_keys(secret: bytes = SECRET) -> SigningKeys:
    return SigningKeys(secret, rotate_every=DAY, tokens_live=LIVE)


def test_two_processes_have_the_same_keys_and_another_secret_has_others() -> None:
    assert make_keys().published(MIDNIGHT) == make_keys().published(MIDNIGHT)
    assert make_keys().published(MIDNIGHT) != make_keys(b"another secret of thirty-two bytes").published(MIDNIGHT)


def test_a_new_period_signs_with_a_new_key_that_was_published_before() -> None:
    keys = make_keys()
    before, after = keys.current(MIDNIGHT - DAY / 2).kid, keys.current(MIDNIGHT + DAY / 2).kid
    assert before != after
    assert after in {key["kid"] for key in keys.published(MIDNIGHT - DAY / 2)}
    assert before in {key["kid"] for key in keys.published(MIDNIGHT + DAY / 2)}


def test_an_old_key_is_honoured_until_its_tokens_have_expired_and_no_longer() -> None:
    keys = make_keys()
    old = keys.current(MIDNIGHT - timedelta(seconds=1)).kid
    assert keys.find(old, MIDNIGHT + LIVE) is not None
    assert keys.find(old, MIDNIGHT + LIVE + CLOCK_SKEW + timedelta(seconds=1)) is None


def test_a_clock_that_is_a_little_late_knows_the_next_key_already() -> None:
    keys = make_keys()
    coming = keys.current(MIDNIGHT).kid
    assert keys.find(coming, MIDNIGHT - CLOCK_SKEW) is not None
    assert keys.find(coming, MIDNIGHT - CLOCK_SKEW - timedelta(seconds=1)) is None


def test_nothing_private_is_published() -> None:
    for key in make_keys().published(MIDNIGHT):
        assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_a_published_key_verifies_a_token() -> None:
    tokens, now = AccessTokens(make_keys(), lifetime_seconds=600), security.utc_now()
    principal = Principal(new_id(), new_id(), Role.MEMBER, frozenset({Scope.JOBS_READ}), session_id=new_id())
    token = tokens.issue(principal)
    verified = 0
    for public in tokens.published_keys(now):
        try:
            claims = jwt.decode(token, OKPKey.import_key(public), algorithms=["Ed25519"]).claims
        except Exception:  # noqa: BLE001 (the other periods' keys)
            continue
        verified += claims["sub"] == str(principal.user_id)
    assert verified == 1


def test_a_token_outlives_the_rotation_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = AccessTokens(make_keys(), lifetime_seconds=600)
    principal = Principal(new_id(), new_id(), Role.OWNER, frozenset(Scope), session_id=new_id())
    today = security.utc_now().replace(hour=0, minute=0, second=0)
    monkeypatch.setattr(security, "utc_now", lambda: today - timedelta(seconds=1))
    token = tokens.issue(principal)
    # Two days on the key is out of use, whatever the claims say; `exp` is checked by the real clock beside it.
    monkeypatch.setattr(security, "utc_now", lambda: today + 2 * DAY)
    with pytest.raises(Unauthenticated):
        tokens.verify(token)
