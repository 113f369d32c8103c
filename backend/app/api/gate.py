"""Before anything of a request is read or looked up: whoever was refused too often waits outside for a while."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.headers import find_header
from app.api.middleware import QUIET_ROUTES
from app.api.problems import problem_response
from app.core import metrics
from app.services.limits import place_of
from app.services.misuse import Caller, MisuseLimits

HOLD_SECONDS = 1.0
# Mistakes of a person's (422, 404, 409 …) are none of these. Rules of thumb: what it costs to say no.
POINTS: dict[int, int] = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: 6,
    HTTPStatus.REQUEST_TIMEOUT: 6,
    HTTPStatus.BAD_REQUEST: 3,
    HTTPStatus.UNAUTHORIZED: 1,
    HTTPStatus.TOO_MANY_REQUESTS: 1,
}
# Guesses at passwords have delays of their own, which let the owner in while others guess (see `services/limits.py`).
_SIGNING_IN = "/api/v1/auth/"
_OF_SIGNING_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})


class Gate:
    """Pure ASGI. A refusal is held back a second, its body unread: the server stops taking in what nobody asks for."""

    def __init__(self, app: ASGIApp, limits: MisuseLimits, cookie: str) -> None:
        """`cookie` is the name of the one that says who calls where no Authorization header does."""
        self._app = app
        self._limits = limits
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET_ROUTES:
            await self._app(scope, receive, send)
            return
        caller = self._caller(scope)
        pause = self._limits.pause_for(caller)
        if pause > 0:
            await self._refuse(caller, pause, scope, receive, send)
            return
        end_waiting = self._limits.start_waiting(caller)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                end_waiting()  # streams and files take as long as they take, and are counted elsewhere
                self._account(caller, scope, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            end_waiting()

    def _caller(self, scope: Scope) -> Caller:
        credential = find_header(scope, b"authorization") or Request(scope).cookies.get(self._cookie)
        client = scope.get("client")
        return Caller.of(place_of(client[0] if client else None), credential)

    def _account(self, caller: Caller, scope: Scope, status: int) -> None:
        if scope["state"].get("identified"):
            self._limits.remember_good(caller)
        if status in _OF_SIGNING_IN and scope["path"].startswith(_SIGNING_IN):
            return
        if points := POINTS.get(status, 0):
            self._limits.count_refusal(caller, points)

    async def _refuse(self, caller: Caller, pause: float, scope: Scope, receive: Receive, send: Send) -> None:
        metrics.GATE_REFUSALS.inc()
        with self._limits.hold(caller) as may_hold:
            if may_hold:
                await asyncio.sleep(HOLD_SECONDS)
        seconds = math.ceil(pause)
        refusal = problem_response(
            Request(scope),
            HTTPStatus.TOO_MANY_REQUESTS,
            code="refused_too_often",
            detail=f"Too much of what you sent was refused, or waits still. Wait {seconds} s, then send it slower.",
            # Closed, or the server would go on reading what nobody wants.
            headers={"Retry-After": str(seconds), "Connection": "close"},
        )
        await refusal(scope, receive, send)
