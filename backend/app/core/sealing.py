"""Secrets that have to be read again: encrypted at rest with a key derived from the installation's secret."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.keys import derive_key

_NONCE_BYTES = 12
_VERSION = b"\x01"


class BrokenSeal(Exception):
    """Not sealed by us, for this purpose, or for this place; or sealed with another secret."""


class Sealer:
    """AES-256-GCM under a key for one purpose. The nonce is random: good for some billions of values a key."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive_key(secret, f"seal/{purpose}"))

    def seal(self, value: bytes, place: bytes) -> bytes:
        """`place` names where it is kept (a row's id): moved elsewhere it does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Raises `BrokenSeal`."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _VERSION:
                raise BrokenSeal
            return self._cipher.decrypt(nonce, text, place)
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal from error
