"""Every route says who may call it, and the application refuses to start when one does not."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.api.deps import authorize, open_to_all
from app.services.policies import POLICY

# Files and documents that are the same for everybody.
OPEN_PATHS = frozenset({"/api/openapi.json", "/api/docs/assets"})


class UndeclaredAccess(Exception):
    """Routes and the table of `services/policies.py` do not agree."""


def require_declared_access(app: FastAPI) -> None:
    """Raises `UndeclaredAccess` with everything that is wrong."""
    problems = [problem for route in routes_of(app) for problem in _problems(route)]
    names = [route.name for route in routes_of(app)]
    problems += [f"{name}: two routes have this name" for name in {name for name in names if names.count(name) > 1}]
    problems += [f"{name}: a row of the table, but no route" for name in POLICY.keys() - set(names)]
    if problems:
        raise UndeclaredAccess("; ".join(sorted(problems)))


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """Every route but documents that are open to all."""
    for route in iter_route_contexts(app.routes):
        if route.path not in OPEN_PATHS:
            yield route


def _problems(route: RouteContext) -> Iterator[str]:
    if not isinstance(route.original_route, APIRoute):
        yield f"{route.path}: not an API route, so nothing guards it"
        return
    rule = POLICY.get(route.name or "")
    if rule is None:
        yield f"{route.name}: no row in services/policies.py"
        return
    guards = list(_guards(route.dependant))
    if not guards:
        yield f"{route.name}: declares neither a principal nor Public"
    elif rule.is_public:
        if any(call is authorize for call, _ in guards):
            yield f"{route.name}: the table says public, the route asks for a principal"
    else:
        wanted = set() if rule.scope is None else {rule.scope.value}
        if any(call is not authorize or scopes != wanted for call, scopes in guards):
            yield f"{route.name}: the route declares another scope than the table ({', '.join(wanted) or 'none'})"


def _guards(dependant: Dependant) -> Iterator[tuple[object, set[str]]]:
    if dependant.call in {authorize, open_to_all}:
        yield dependant.call, set(dependant.own_oauth_scopes or ())
    for each in dependant.dependencies:
        yield from _guards(each)
