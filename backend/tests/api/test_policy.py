"""The table of `services/policies.py` against the running API: every route × role × scope, and every foreign id.

A route without a row, a guard or (when it takes an id) a way to make one for these tests fails here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from time import monotonic
from typing import Any

import httpx
import orjson
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext

from app.api.authorization import UndeclaredAccess, require_declared_access, routes_of
from app.api.deps import AnyPrincipal, Public
from app.core.enums import Role, Scope
from app.core.ids import new_id
from app.main import _bare_app
from app.services.policies import POLICY, SCOPES_OF_ROLE
from tests.support.filters import without_filters
from tests.support.people import ALL_SCOPES, Member, bearer_of, make_member, make_organization
from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

REFUSALS = {
    "role_not_allowed",
    "invalid_api_key",
    "missing_scope",
    "session_required",
    "unauthenticated",
    "invalid_token",
}
SCOPE_SETS = [
    frozenset(),
    *(frozenset({scope}) for scope in Scope),
    *(ALL_SCOPES - {scope} for scope in Scope),
    ALL_SCOPES,
]
ROUTES = list(routes_of(_bare_app(None)))
# For the walk over foreign ids: a body that the route takes, by operation.
BODIES: dict[str, Any] = {
    "update_image": {"favorite": True},
    "change_member_role": {"role": "viewer"},
    "change_member_limits": {"open_jobs": 1},
    "transfer_organization": {"member_id": str(new_id())},
    "delete_organization": {"name": "stolen"},
    "update_moderation_rule": {"note": "stolen"},
    "update_collection": {"name": "stolen"},
    "change_collection_images": {"remove": [str(new_id())]},
    "arrange_collection": {"image_ids": [str(new_id())]},
}
ENDS_THE_SESSION = {"logout"}
# Seconds. On a busy machine the walk takes longer than that.
TOKENS_LIVE = 600
OF_THE_STUDIO = {"model_id"}  # the same for everybody
# What one person makes for themselves: a colleague may not touch it either.
PERSONAL = {"job_id", "image_id", "key_id", "session_id", "collection_id", "share_id", "export_id"}


def method_of(route: RouteContext) -> str:
    (method,) = (route.methods or set()) - {"HEAD", "OPTIONS"}
    return method


def path_of(route: RouteContext, ids: dict[str, str]) -> str:
    """The path with ids put in; a parameter without one gets an id that does not exist."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda match: ids.get(match[1], str(new_id())), route.path or "")


async def ask(http: httpx.AsyncClient, route: RouteContext, ids: dict[str, str], **options: Any) -> tuple[int, str]:
    """Status and code. Streams are closed at once."""
    async with http.stream(method_of(route), path_of(route, ids), **options) as answer:
        if answer.is_success or "json" not in answer.headers.get("content-type", ""):
            return answer.status_code, ""
        content = orjson.loads(await answer.aread())
        # Under /v1 errors are as OpenAI says them.
        return answer.status_code, content.get("error", content).get("code", "")


def expected(operation: str, role: Role, scopes: frozenset[Scope]) -> str:
    """The table, read a second time and on its own."""
    rule = POLICY[operation]
    if role not in rule.roles:
        return "role_not_allowed"
    if rule.scope is not None and rule.scope not in scopes & SCOPES_OF_ROLE[role]:
        return "missing_scope"
    return "allowed"


@pytest.mark.timeout(600)
async def test_every_route_role_and_scope_answers_as_the_table_says(
    studio: Studio, record_property: Callable[[str, object], None]
) -> None:
    founder = await make_organization(studio, "Own")
    others = (Role.ADMIN, Role.MEMBER, Role.VIEWER)
    members = [founder, *[await make_member(studio, founder.organization_id, role) for role in others]]
    http, wrong, cases = await studio.http(), [], Counter[str]()
    tokens: dict[tuple[Member, frozenset[Scope]], dict[str, str]] = {}
    signed_in_at = monotonic()

    def hold(route: RouteContext, who: str, want: str, got: tuple[int, str]) -> None:
        cases[want] += 1
        status, code = got
        fits = {
            "public": code not in REFUSALS and status < 500,
            "allowed": status not in {401, 403} and status < 500,
            "nobody": status == 401,
        }.get(want, (status, code) == (403, want))
        if not fits:
            wrong.append(f"{method_of(route)} {route.path} as {who}: wanted {want}, got {status} {code}")

    for route in ROUTES:
        operation = route.name or ""
        # A body that no route takes: whoever is allowed gets 422, and nothing happens.
        body = {} if method_of(route) == "GET" else {"json": [0]}
        public = POLICY[operation].is_public
        hold(route, "nobody", "public" if public else "nobody", await ask(http, route, {}, **body))
        if public:
            continue
        for member in members:
            for scopes in SCOPE_SETS:
                if (member, scopes) not in tokens:
                    tokens[member, scopes] = await bearer_of(studio, member, scopes)
                headers = tokens[member, scopes]
                who = f"{member.role.value} with {' '.join(sorted(scopes)) or 'no scope'}"
                want = expected(operation, member.role, scopes)
                hold(route, who, want, await ask(http, route, {}, headers=headers, **body))
        if operation in ENDS_THE_SESSION or monotonic() - signed_in_at > TOKENS_LIVE / 2:
            tokens.clear()
            signed_in_at = monotonic()
    assert not wrong, "\n".join(wrong)
    guarded = sum(not POLICY[route.name or ""].is_public for route in ROUTES)
    assert sum(cases.values()) == len(ROUTES) + guarded * len(members) * len(SCOPE_SETS)
    record_property("cases", f"{len(ROUTES)} routes, {sum(cases.values())} cases: {dict(cases)}")


async def make_ids(studio: Studio, owner: Member) -> dict[str, str]:
    """One of everything that has an id in a path, made by `owner`."""
    http, headers = await studio.http(), await bearer_of(studio, owner)
    job = (await http.post("/api/v1/generate", json={"prompt": "a heart"}, headers=headers)).json()
    await studio.drain()
    status = (await http.get(f"/api/v1/status/{job['job_id']}", headers=headers)).json()
    rule = {"pattern": "gore", "action": "flag"}
    key = {"name": "a key", "scopes": ["jobs:read"]}
    sessions = (await http.get("/api/v1/sessions", headers=headers)).json()["items"]
    invitation = {"email": f"{new_id()}@example.com"}
    image_id = status["images"][0]["id"]
    collection = {"name": "a collection", "image_ids": [image_id]}
    return {
        "organization_id": str(owner.organization_id),
        "member_id": str((await make_member(studio, owner.organization_id, Role.MEMBER)).user_id),
        "invitation_id": (await http.post("/api/v1/invitations", json=invitation, headers=headers)).json()["id"],
        "job_id": job["job_id"],
        "image_id": image_id,
        "collection_id": (await http.post("/api/v1/collections", json=collection, headers=headers)).json()["id"],
        "share_id": (await http.post("/api/v1/share-links", json={"image_id": image_id}, headers=headers)).json()["id"],
        "export_id": (await http.post("/api/v1/images/export", json={"image_ids": [image_id]}, headers=headers)).json()[
            "id"
        ],
        "key_id": (await http.post("/api/v1/keys", json=key, headers=headers)).json()["id"],
        "session_id": sessions[0]["id"],
        "rule_id": (await http.post("/api/v1/admin/moderation/rules", json=rule, headers=headers)).json()["id"],
    }


@pytest.mark.parametrize("filtered", [True, False], ids=["as it is", "by row-level security alone"])
async def test_an_id_of_another_organisation_does_not_exist_on_any_route(studio: Studio, filtered: bool) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
    ids, http = await make_ids(studio, owner), await studio.http()
    with nullcontext(["unchanged"]) if filtered else without_filters(studio) as changed:
        wrong = await foreign_answers(studio, http, ids, stranger, colleague)
    assert not wrong, "\n".join(wrong)
    assert changed
    # It was theirs all the time: nothing of it was changed or taken away.
    assert (await http.get(f"/api/v1/images/{ids['image_id']}", headers=await bearer_of(studio, owner))).is_success


async def foreign_answers(
    studio: Studio, http: httpx.AsyncClient, ids: dict[str, str], stranger: Member, colleague: Member
) -> list[str]:
    """Every route with an id in its path, asked by those whose it is not; the answers that are wrong."""
    wrong = []
    for route in ROUTES:
        rule = POLICY[route.name or ""]
        parameters = set(re.findall(r"\{(\w+)", route.path or "")) - OF_THE_STUDIO
        if rule.is_public or not parameters:
            continue
        assert parameters <= ids.keys(), f"{route.name}: make_ids() has to make a {parameters - ids.keys()}"
        callers = [stranger, colleague] if parameters & PERSONAL else [stranger]
        for caller in callers:
            body = {} if route.name not in BODIES else {"json": BODIES[route.name]}
            status, code = await ask(http, route, ids, headers=await bearer_of(studio, caller), **body)
            if status != (404 if caller.role in rule.roles else 403):
                wrong.append(f"{method_of(route)} {route.path}: {status} {code}")
    return wrong


async def test_a_changed_role_counts_at_once_and_a_lost_membership_ends_the_session(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    member = await make_member(studio, owner.organization_id, Role.VIEWER)
    promised = Member(member.user_id, member.organization_id, Role.OWNER)  # the token says more than the table
    headers = await bearer_of(studio, promised)
    http = await studio.http()
    answer = await http.post("/api/v1/generate", json={"prompt": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")
    outsider = Member(member.user_id, (await make_organization(studio, "Other")).organization_id, Role.OWNER)
    answer = await http.get("/api/v1/images", headers=await bearer_of(studio, outsider))
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


def undeclared() -> None: ...


def guarded(principal: AnyPrincipal) -> None: ...


@pytest.mark.parametrize(
    ("path", "endpoint", "options", "complaint"),
    [
        ("/new", undeclared, {}, "no row"),
        ("/new", guarded, {}, "no row"),
        ("/list", undeclared, {"name": "list_jobs"}, "neither a principal nor Public"),
        ("/list", guarded, {"name": "list_jobs"}, "another scope than the table"),
        ("/list", undeclared, {"name": "list_jobs", "dependencies": [Public]}, "another scope than the table"),
        ("/health", guarded, {"name": "healthz"}, "the table says public"),
        ("/health", undeclared, {"name": "healthz", "dependencies": [Public]}, "two routes"),
    ],
)
def test_an_application_with_an_undeclared_route_does_not_start(
    path: str, endpoint: Callable[..., None], options: dict[str, Any], complaint: str
) -> None:
    app: FastAPI = _bare_app(None)
    router = APIRouter()
    router.add_api_route(path, endpoint, methods=["GET"], **options)
    app.include_router(router)
    with pytest.raises(UndeclaredAccess, match=complaint):
        require_declared_access(app)


def test_a_row_without_a_route_is_a_mistake_too(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _bare_app(None)
    monkeypatch.setitem(POLICY, "no_such_route", POLICY["list_jobs"])
    with pytest.raises(UndeclaredAccess, match="no_such_route: a row of the table, but no route"):
        require_declared_access(app)
