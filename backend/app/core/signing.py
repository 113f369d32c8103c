"""The keys that sign access tokens: a new pair every few days, derived from the installation's secret.

Derived and not stored, so that every process has the same keys without asking anyone, and a leaked private key is good
for one period. Anyone may fetch the public halves (`/api/v1/auth/jwks`); the next period's is among them before it is
used, and the last one's is honoured until its tokens have expired.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from app.core.keys import derive_key

ALGORITHM = "Ed25519"  # RFC 9864: the fully specified name of EdDSA on this curve
CLOCK_SKEW = timedelta(seconds=30)
"""How far apart the clocks of two API processes may be when the period changes."""


class SigningKeys:
    def __init__(self, secret: bytes, *, rotate_every: timedelta, tokens_live: timedelta) -> None:
        self._secret = secret
        self._period = rotate_every
        self._tokens_live = tokens_live
        self._made: dict[int, OKPKey] = {}

    def current(self, now: datetime) -> OKPKey:
        return self._key(self._number(now))

    def find(self, kid: object, now: datetime) -> OKPKey | None:
        """The public key of that id, if a token that it signed may still be good."""
        honoured = {
            self._number(now - self._tokens_live - CLOCK_SKEW),
            self._number(now),
            self._number(now + CLOCK_SKEW),
        }
        return next((key for key in map(self._key, honoured) if key.kid == kid), None)

    def published(self, now: datetime) -> list[dict[str, str]]:
        """The public keys, as RFC 7517 writes them: last, current and next."""
        number = self._number(now)
        return [
            {**_public(self._key(each)), "use": "sig", "alg": ALGORITHM} for each in (number - 1, number, number + 1)
        ]

    def _number(self, now: datetime) -> int:
        return int(now.timestamp() // self._period.total_seconds())

    def _key(self, number: int) -> OKPKey:
        if number not in self._made:
            seed = derive_key(self._secret, f"access-token/{number}")
            key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
            key.ensure_kid()
            for old in sorted(self._made)[:-4]:
                del self._made[old]
            self._made[number] = key
        return self._made[number]


def _public(key: OKPKey) -> dict[str, str]:
    return {name: str(value) for name, value in key.as_dict(private=False).items()}
