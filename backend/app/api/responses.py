"""What routes may answer besides success, for the OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from app.schemas.problems import Problem

_WORDS = {
    400: "The body can't be read: it is not the text, or the nesting, that it should be.",
    401: "Not signed in, or the token is not valid.",
    402: "The quota does not allow it; `quota` has the figures.",
    403: "Signed in, but not allowed; or the CSRF token is missing.",
    404: "There is no such thing, or it is not yours.",
    409: "The state of things does not allow it.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    422: "A value is wrong; `errors` says which.",
    429: "Too many requests; `Retry-After` says when to come back.",
    502: "Another service did not answer as it should.",
    503: "A part that Easel needs is away; `Retry-After` says when to come back.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem answers for these statuses, and those that every route may give."""
    return {
        status: {
            "model": Problem,
            "description": _WORDS.get(status, HTTPStatus(status).phrase),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*statuses, 408, 413, 429, 503})
    }
