"""Headers of a request, as they came over the wire."""

from __future__ import annotations

from starlette.types import Scope


def find_header(scope: Scope, name: bytes) -> str | None:
    """The first of that name, which is in lower case. Starlette's own mapping costs several times as much."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None
