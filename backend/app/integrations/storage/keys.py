"""What an object's key may be, the same for every storage."""

from __future__ import annotations

import re

from app.core.errors import InvalidInput

MAX_KEY_CHARS = 512
# No segment begins with a dot: that bars "." and "..", and leaves room for the local storage's temporary files.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*")


def check_key(key: str) -> str:
    """The key itself. Raises `InvalidInput` for one that could name something outside the storage."""
    if len(key) > MAX_KEY_CHARS or _KEY.fullmatch(key) is None:
        raise InvalidInput("That is no object key.", code="invalid_key")
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself. It may end within a segment. Raises `InvalidInput`."""
    if _PREFIX.fullmatch(prefix) is None or ".." in prefix or prefix.startswith("/"):
        raise InvalidInput("That is no prefix of object keys.", code="invalid_key")
    return prefix
