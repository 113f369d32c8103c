"""Codes that an authenticator makes of a shared secret and the time (RFC 6238): SHA-1, six digits, thirty seconds.

Authenticators know these parameters best; some ignore any others.
"""

from __future__ import annotations

import base64
import hmac
import os
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20
_DRIFT = (0, -1, 1)
"""Steps that a telephone's clock may be off. The code of now is looked at first."""


def new_secret() -> bytes:
    return os.urandom(SECRET_BYTES)


def find_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The number of the step whose code this is; None when it is none of about now.

    Steps only grow: whoever remembers the last one refuses a code that comes a second time.
    """
    current = int(now.timestamp()) // STEP_SECONDS
    generator = _generator(secret)
    matching = [
        step
        for step in (current + drift for drift in _DRIFT)
        if hmac.compare_digest(generator.generate(step * STEP_SECONDS), code.encode(errors="replace"))
    ]
    return matching[0] if matching else None


def as_text(secret: bytes) -> str:
    """Base32, as people type it where they can't take a picture of the QR code."""
    return base64.b32encode(secret).decode()


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """`otpauth://…`, what the QR code says."""
    return _generator(secret).get_provisioning_uri(account, issuer)


def _generator(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 (as HMAC SHA-1 stands, and RFC 6238 asks for it)
