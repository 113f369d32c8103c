"""Cursors of keyset pages: the last row's id, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from app.core.errors import InvalidInput


def encode_cursor(last_id: UUID) -> str:
    return base64.urlsafe_b64encode(last_id.bytes).rstrip(b"=").decode()


def decode_cursor(cursor: str | None) -> UUID | None:
    """Raises `InvalidInput` for anything that is no cursor of ours."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise InvalidInput.for_field(
            "/cursor", "invalid_cursor", "The cursor is not one that this API gave. Start again without it."
        ) from error
