"""Errors as OpenAI's API says them: `{"error": {message, type, param, code}}`, with its status codes and known codes.

Two statuses are others than ours, because its clients act on them: a wrong value is 400, an empty quota 429 with the
code `insufficient_quota`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response

PREFIX = "/v1/"

_STATUS = {
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
    HTTPStatus.PAYMENT_REQUIRED: HTTPStatus.TOO_MANY_REQUESTS,
}
_CODE = {
    "quota_exceeded": "insufficient_quota",
    "rate_limited": "rate_limit_exceeded",
    "unknown_model": "model_not_found",
    "extra_forbidden": "unknown_parameter",
    "missing": "missing_required_parameter",
}
_PARAM = {"width": "size", "height": "size", "num_images": "n"}


def speaks_openai(path: str) -> bool:
    return path.startswith(PREFIX)


def openai_error_response(
    status: HTTPStatus, *, code: str, detail: str, headers: dict[str, str] | None = None, **extensions: Any
) -> Response:
    """Figures beside the error (`quota`) have no place in OpenAI's shape; the sentence says them."""
    errors = extensions.get("errors") or ()
    content = openai_error(status, code=code, detail=detail, errors=errors)
    if content["error"]["code"] == "model_not_found":
        status = HTTPStatus.NOT_FOUND
    headers = dict(headers or {})
    if "Retry-After" not in headers:
        # OpenAI's libraries try 409, 429 and 5xx again by themselves, and obey this: what failed for good, or for want
        # of quota, would only fail three times.
        headers["X-Should-Retry"] = "false"
    answered = _STATUS.get(status, status)
    return Response(orjson.dumps(content), answered, media_type="application/json", headers=headers)


def openai_error(status: HTTPStatus, *, code: str, detail: str, errors: Any = ()) -> dict[str, dict[str, str | None]]:
    first = errors[0] if errors else {}
    code = "invalid_api_key" if status is HTTPStatus.UNAUTHORIZED else str(first.get("code") or code)
    field = str(first.get("pointer") or "").lstrip("/").partition("/")[0]
    return {
        "error": {
            "message": detail,
            "type": _type(status, code),
            "param": _PARAM.get(field, field) or None,
            "code": _CODE.get(code, code),
        }
    }


def _type(status: HTTPStatus, code: str) -> str:
    if code == "quota_exceeded":
        return "insufficient_quota"
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        return "requests"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
