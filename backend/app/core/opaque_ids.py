"""Ids for those who should not learn ours: a UUIDv7 tells when a thing was made, and is the same everywhere.

One AES block under a key of the place where the id is told. An id is 16 bytes, so it is exactly one block, and a block
cipher is a permutation of blocks: without the key it can be neither read nor made up, nor compared across places.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.core.keys import derive_key

BLOCK_BYTES = 16


class OpaqueIds:
    def __init__(self, secret: bytes, purpose: str) -> None:
        # ECB of a single block is the bare permutation; there is no second block whose equality could tell anything.
        key = derive_key(secret, f"opaque-ids/{purpose}", BLOCK_BYTES)
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305

    def seal(self, identifier: UUID) -> str:
        encryptor = self._cipher.encryptor()
        block = encryptor.update(identifier.bytes) + encryptor.finalize()
        return base64.urlsafe_b64encode(block).rstrip(b"=").decode()

    def find(self, sealed: str) -> UUID | None:
        """None for what is no sealed id at all; a forged one gives an id that nothing has."""
        try:
            block = base64.b64decode(sealed + "==", altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        if len(block) != BLOCK_BYTES:
            return None
        decryptor = self._cipher.decryptor()
        return UUID(bytes=decryptor.update(block) + decryptor.finalize())
