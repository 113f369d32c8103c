"""The only place that knows HTTP status codes of errors: each error class becomes an RFC 9457 problem.

Under /v1, where clients of the OpenAI API ask, it is said in their shape (`compat/openai_errors.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.compat.openai_errors import openai_error_response, speaks_openai
from app.core import errors
from app.core.logging import get_logger
from app.core.tracing import new_trace_id

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS_OF: dict[type[errors.EaselError], HTTPStatus] = {
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.SecondFactorRequired: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.AccountClosing: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QuotaExceeded: HTTPStatus.PAYMENT_REQUIRED,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UpstreamFailed: HTTPStatus.BAD_GATEWAY,
    errors.UpstreamAway: HTTPStatus.BAD_GATEWAY,
    errors.AddressRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.GenerationFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.GenerationCanceled: HTTPStatus.CONFLICT,
    errors.DeadlinePassed: HTTPStatus.GATEWAY_TIMEOUT,
}
CODE_OF_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
    415: "unsupported_media_type",
}
MODEL_RETRY_SECONDS = 30
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
LOGGED_FIELDS = 10


def install_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(errors.EaselError, _easel_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)


def problem_response(
    request: Request,
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> Response:
    if speaks_openai(request.url.path):
        return openai_error_response(status, code=code, detail=detail, headers=headers, **extensions)
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request.url.path,
        "code": code,
        "trace_id": getattr(request.state, "trace_id", None) or new_trace_id(),
        **extensions,
    }
    return Response(orjson.dumps(body), status, media_type=MEDIA_TYPE, headers=headers)


async def _easel_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.EaselError)
    status = STATUS_OF.get(type(error))
    if status is None:
        return await unknown_error(request, error)
    if status in REFUSALS:
        # The access line has the status; why it was, and by which rule, is here.
        log.info("request_refused", operation=_operation(request), status=status.value, code=error.code)
    return problem_response(
        request, status, code=error.code, detail=error.detail, headers=_headers(error), **_extensions(error)
    )


def _operation(request: Request) -> str | None:
    """The route's name in the policy table; None when no route was found."""
    return getattr(request.scope.get("route"), "name", None)


def _headers(error: errors.EaselError) -> dict[str, str]:
    match error:
        case errors.Unauthenticated():
            return {"WWW-Authenticate": 'Bearer realm="easel"'}
        case errors.RateLimited() | errors.Unavailable():
            return {"Retry-After": str(error.retry_after)}
        case errors.ModelUnavailable():
            return {"Retry-After": str(MODEL_RETRY_SECONDS)}
        case _:
            return {}


def _extensions(error: errors.EaselError) -> dict[str, Any]:
    match error:
        case errors.InvalidInput():
            return {"errors": [asdict(each) for each in error.errors]}
        case errors.SecondFactorRequired():
            return {"second_factor": {"token": error.token, "expires_in": error.expires_in}}
        case errors.AccountClosing():
            return {"account_closing": {"token": error.token, "due_at": error.due_at.isoformat()}}
        case errors.QuotaExceeded():
            return {"quota": asdict(error.figures)}
        case _:
            return {}


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    entries = [_field_error(detail) for detail in error.errors()]
    # Which fields, and what of them: never the values.
    told = [f"{entry['pointer']} {entry['code']}" for entry in entries[:LOGGED_FIELDS]]
    log.info("input_refused", operation=_operation(request), fields=told)
    return problem_response(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid_input",
        detail=" ".join(dict.fromkeys(entry["detail"] for entry in entries)) or "The request is not valid.",
        errors=entries,
    )


def _field_error(detail: dict[str, Any]) -> dict[str, str]:
    location: Sequence[Any] = detail["loc"]
    path = [str(part).replace("~", "~0").replace("/", "~1") for part in location[1:]]
    field = path[-1] if path else str(location[0])
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] != "value_error":
        message = f"{field}: {message[:1].lower()}{message[1:]}."
    return {"pointer": "/" + "/".join(path) if path else "", "code": str(detail["type"]), "detail": message}


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = CODE_OF_STATUS.get(status.value, "http_error")
    detail = error.detail if error.detail != status.phrase else _plain_words(status, request)
    return problem_response(request, status, code=code, detail=detail, headers=dict(error.headers or {}))


def _plain_words(status: HTTPStatus, request: Request) -> str:
    if status is HTTPStatus.NOT_FOUND:
        return f"There is nothing at {request.url.path}. The API is described at /api/docs."
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not possible here. The API is described at /api/docs."
    return status.description or status.phrase


async def unknown_error(request: Request, error: Exception) -> Response:
    """An opaque 500: the trace id finds what happened in the log."""
    log.error("unhandled_error", path=request.url.path, exc_info=error)
    return problem_response(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal_error",
        detail="Something went wrong on our side. Nothing of your request was kept, unless you find it in your list. "
        "Give the trace id to whoever runs this studio.",
    )
