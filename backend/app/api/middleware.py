"""What surrounds every request: ids for the log, the access line, metrics, a bound on the body, security headers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import metrics
from app.core.ids import new_id
from app.core.logging import bind_log_context, clear_log_context, get_logger
from app.core.tracing import trace_id_from
from app.services.limits import Spent

log = get_logger("easel.access")

MAX_BODY_BYTES = 1_000_000
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The answers of the API are data: nothing in them may run. The docs page says its own policy.
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def _rate_limit_headers(spent: dict[str, Spent]) -> Iterator[tuple[str, str]]:
    """As draft-ietf-httpapi-ratelimit-headers has them: the policies (quota, window), and what is left (until when)."""
    if spent:
        yield "RateLimit-Policy", ", ".join(f'"{name}";q={each.limit};w=60' for name, each in spent.items())
        yield (
            "RateLimit",
            ", ".join(f'"{name}";r={each.remaining};t={each.reset_after}' for name, each in spent.items()),
        )


class RequestContext:
    """Pure ASGI, so that streams pass through unbuffered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")
        if not _REQUEST_ID.match(request_id):
            request_id = str(new_id())
        trace_id = trace_id_from(headers.get("traceparent"))
        scope.setdefault("state", {})["trace_id"] = trace_id
        clear_log_context()
        bind_log_context(request_id=request_id, trace_id=trace_id)
        started, status = perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                answer["X-Trace-Id"] = trace_id
                for name, value in _SECURITY_HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("Content-Security-Policy", _API_POLICY)
                answer.setdefault("Cache-Control", "no-store")
                for name, value in _rate_limit_headers(scope["state"].get("spent", {})):
                    answer[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._account(scope, status, perf_counter() - started)

    @staticmethod
    def _account(scope: Scope, status: int, seconds: float) -> None:
        path = route_path(scope)
        if path in _QUIET_ROUTES:
            return
        if not path.endswith("/events"):
            metrics.HTTP_SECONDS.labels(scope["method"], path, str(status)).observe(seconds)
        log.info("request", method=scope["method"], route=path, status=status, ms=round(seconds * 1000, 1))


def route_path(scope: Scope) -> str:
    """The template of the route that answered, such as `/api/v1/status/{job_id}`; "unmatched" for none.

    FastAPI keeps a router's own routes as they were written (their `path` lacks the prefix under which the router was
    included) and says the whole path in the context beside them.
    """
    context: Any = scope.get("fastapi", {}).get("effective_route_context")
    path: str = getattr(context or scope.get("route"), "path", "unmatched")
    return path


class BodyLimit:
    """Refuses a body over the bound before it is read, or as soon as it grows past it."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > self._max:
            await self._refuse(scope, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Callable[[], Awaitable[Message]]:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self._max:
                    raise BodyTooLarge(self._max)
            return message

        return counted

    async def _refuse(self, scope: Scope, send: Send) -> None:
        body = orjson.dumps(
            {
                "type": "about:blank",
                "title": "Content Too Large",
                "status": 413,
                "detail": _too_large(self._max),
                "instance": scope["path"],
                "code": "body_too_large",
                "trace_id": scope.get("state", {}).get("trace_id", ""),
            }
        )
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class BodyTooLarge(HTTPException):
    """A body without a length, or with a false one, went past the bound. An HTTPException: parsers let it by."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(max_bytes))


def _too_large(max_bytes: int) -> str:
    return f"The body is larger than {max_bytes} bytes."
