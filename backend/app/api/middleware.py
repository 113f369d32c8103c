"""What surrounds every request: ids for the log, the access line, metrics, a bound on the body, security headers."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.headers import find_header
from app.api.problems import problem_response, unknown_error
from app.core import metrics
from app.core.ids import new_id
from app.core.logging import begin_log_context, get_logger
from app.core.tracing import trace_id_from
from app.services.limits import Spent

log = get_logger("easel.access")

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 30.0
# So much of a refused body is still taken, and thrown away: who is cut off while sending often never sees the answer.
LINGER_BYTES, LINGER_SECONDS = 30_000_000, 5.0
# Where files are sent.
LARGER_BODIES = {"/api/v1/images/parameters": 20_000_000}
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Two years; only where the studio is reached over TLS.
_STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"
# The answers of the API are data: nothing in them may run. The docs page says its own policy.
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def _rate_limit_headers(spent: dict[str, Spent]) -> Iterator[tuple[bytes, bytes]]:
    """As draft-ietf-httpapi-ratelimit-headers has them: the policies (quota, window), and what is left (until when)."""
    if spent:
        policies = ", ".join(f'"{name}";q={each.limit};w=60' for name, each in spent.items())
        left = ", ".join(f'"{name}";r={each.remaining};t={each.reset_after}' for name, each in spent.items())
        yield b"ratelimit-policy", policies.encode()
        yield b"ratelimit", left.encode()


class RequestContext:
    """Pure ASGI, so that streams pass through unbuffered.

    An error that nobody caught is answered here too: Starlette would do it outside of all middleware, without the
    headers.
    """

    def __init__(self, app: ASGIApp, *, over_tls: bool = False) -> None:
        self._app = app
        own = {**_SECURITY_HEADERS, **({"Strict-Transport-Security": _STRICT_TRANSPORT} if over_tls else {})}
        own |= {"Content-Security-Policy": _API_POLICY, "Cache-Control": "no-store"}
        # As they go over the wire: they are put into every answer that does not say something else.
        self._headers = [(name.lower().encode(), value.encode()) for name, value in own.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = find_header(scope, b"x-request-id") or ""
        if not _REQUEST_ID.match(request_id):
            request_id = str(new_id())
        trace_id = trace_id_from(find_header(scope, b"traceparent"))
        scope.setdefault("state", {})["trace_id"] = trace_id
        begin_log_context(request_id=request_id, trace_id=trace_id)
        started, status, answering = perf_counter(), 500, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                said = {name for name, _ in message.get("headers", ())}
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"x-trace-id", trace_id.encode()),
                    *(each for each in self._headers if each[0] not in said),
                    *_rate_limit_headers(scope["state"].get("spent", {})),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            answer_to_it = await unknown_error(Request(scope), error)
            if answering:
                raise
            await answer_to_it(scope, receive, send_with_headers)
        finally:
            self._account(scope, status, perf_counter() - started)

    @staticmethod
    def _account(scope: Scope, status: int, seconds: float) -> None:
        path = route_path(scope)
        if path in QUIET_ROUTES:
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
    """Refuses a body over the bound before it is read, or as soon as it grows past it; and one that dawdles."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._max = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = find_header(scope, b"content-length") or "0"
        most = LARGER_BODIES.get(scope["path"], self._max)
        if length.isascii() and length.isdigit() and int(length) > most:
            await self._refuse(scope, receive, send, most)
            return
        await self._app(scope, self._counted(receive, most), send)

    def _counted(self, receive: Receive, most: int) -> Callable[[], Awaitable[Message]]:
        seen, complete = 0, False
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal seen, complete
            if complete:  # what comes now is the end of the connection, whenever that is
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow(self._seconds) from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                complete = not message.get("more_body", False)
                if seen > most:
                    raise BodyTooLarge(most)
            return message

        return counted

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, most: int) -> None:
        refusal = problem_response(
            Request(scope),
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            code="body_too_large",
            detail=_too_large(most),
            headers={"Connection": "close"},
        )
        await send({"type": "http.response.start", "status": refusal.status_code, "headers": refusal.raw_headers})
        await send({"type": "http.response.body", "body": refusal.body, "more_body": True})
        await _throw_away(receive)
        await send({"type": "http.response.body"})


async def _throw_away(receive: Receive) -> None:
    seen = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while seen < LINGER_BYTES:
                message = await receive()
                seen += len(message.get("body", b""))
                if not message.get("more_body", False):  # all of it, or the client is gone
                    return


class BodyTooLarge(HTTPException):
    """A body without a length, or with a false one, went past the bound. An HTTPException: parsers let it by."""

    def __init__(self, max_bytes: int) -> None:
        # Closed, or the server would go on reading what nobody wants.
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(max_bytes), headers={"Connection": "close"})


class BodyTooSlow(HTTPException):
    def __init__(self, seconds: float) -> None:
        super().__init__(
            HTTPStatus.REQUEST_TIMEOUT,
            f"The body did not arrive within {seconds:g} s. Send the request again, over a better connection.",
            headers={"Connection": "close"},
        )


def _too_large(max_bytes: int) -> str:
    return f"The body is larger than {max_bytes} bytes."
