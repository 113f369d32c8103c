"""A short way to `POST /generate`, which is asked more often than all else that changes anything.

FastAPI looks for a route among two hundred, opens three exit stacks and solves a dozen dependencies; that costs more
than accepting the job. Here the route is known, and a request that is as it should be goes straight to the route's own
function, through the same guard. Whatever is unusual about a request goes the long way, and FastAPI says what.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.routing import RouteContext
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.authorization import routes_of
from app.api.deps import authorize, trace_id_of
from app.api.v1.generate import KEY_HEADER, KEY_PATTERN, MAX_KEY, generate
from app.schemas.jobs import GenerateRequest

_KEY = re.compile(KEY_PATTERN)
_JSON = "application/json"


def install_short_way(app: FastAPI) -> None:
    """Before the router and inside everything else: errors, headers, logs and metrics are those of any route."""
    [route] = [each for each in routes_of(app) if each.name == generate.__name__]
    app.router.middleware_stack = ShortWay(app.router.middleware_stack, route)


class ShortWay:
    def __init__(self, long_way: ASGIApp, route: RouteContext) -> None:
        self._long_way = long_way
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != self._route.path:
            await self._long_way(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            await self._long_way(scope, receive, send)
            return
        asked = _read(request, body)
        if asked is None:
            await self._long_way(scope, _again(body, receive), send)
            return
        scope["route"] = self._route
        services, settings = request.app.state.services, request.app.state.settings
        principal = await authorize(request, services, settings)
        key = request.headers.get(KEY_HEADER)
        response = await generate(asked, principal, services, trace_id_of(request), key)
        await response(scope, receive, send)


def _read(request: Request, body: bytes) -> GenerateRequest | None:
    """What is asked for; None when FastAPI has to look at it."""
    keys = request.headers.getlist(KEY_HEADER)
    if request.headers.get("Content-Type") != _JSON or len(keys) > 1:
        return None
    if keys and not (len(keys[0]) <= MAX_KEY and _KEY.match(keys[0])):
        return None
    try:
        return GenerateRequest.model_validate_json(body)
    except ValueError:
        return None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what else comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
