"""API keys over HTTP."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from operator import add
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import utc_now
from app.core.enums import Role
from app.services.keys import LIVENESS_SECONDS
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Studio


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_key_works_is_narrow_and_is_shown_once(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    made = await ann.post("/api/v1/keys", json={"name": "nightly", "scopes": ["jobs:write", "jobs:read"]})
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    assert key.startswith("esl_")
    assert made.json()["prefix"] == key[:12]

    http = await studio.http()
    assert (await http.post("/api/v1/generate", json={"prompt": "x"}, headers=bearer(key))).status_code == 202
    refused = await http.get("/api/v1/images", headers=bearer(key))
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert (await http.get("/api/v1/users/me", headers=bearer(key))).json()["scopes"] == ["jobs:read", "jobs:write"]
    listed = await ann.get("/api/v1/keys")
    assert key not in listed.text
    assert listed.json()["items"][0]["last_used_at"] is not None
    async with owner_engine.begin() as connection:
        (row,) = (await connection.execute(text("SELECT key_hash, prefix FROM api_keys"))).all()
        assert key.encode() not in bytes(row.key_hash)


async def test_a_key_cannot_do_what_is_done_in_person(studio: Studio) -> None:
    ann = await studio.register("ann")
    made = (await ann.post("/api/v1/keys", json={"name": "all", "scopes": ["keys:manage", "admin"]})).json()
    http = await studio.http()
    for method, path in (("POST", "/api/v1/keys"), ("GET", "/api/v1/sessions"), ("POST", "/api/v1/auth/logout")):
        answer = await http.request(method, path, headers=bearer(made["key"]))
        assert (answer.status_code, answer.json()["code"]) == (403, "session_required"), path


async def test_a_revoked_and_an_expired_key_are_dead(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    body = {"name": "short", "scopes": ["jobs:read"], "expires_in_days": 1}
    first, second = [(await ann.post("/api/v1/keys", json=body)).json() for _ in range(2)]
    http = await studio.http()
    for made in (first, second):
        assert (await http.get("/api/v1/jobs", headers=bearer(made["key"]))).status_code == 200
    assert (await ann.request("DELETE", f"/api/v1/keys/{first['id']}")).status_code == 204
    assert (await ann.request("DELETE", f"/api/v1/keys/{first['id']}")).status_code == 404
    async with owner_engine.begin() as connection:
        past = {"past": utc_now() - timedelta(seconds=1)}
        await connection.execute(text("UPDATE api_keys SET expires_at = :past"), past)
    studio.services.keys._known.clear()
    for made in (first, second):
        answer = await http.get("/api/v1/jobs", headers=bearer(made["key"]))
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


async def test_a_key_that_was_revoked_elsewhere_dies_soon_however_often_it_is_used(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await studio.register("ann")
    made = (await ann.post("/api/v1/keys", json={"name": "busy", "scopes": ["jobs:read"]})).json()
    http, memory = await studio.http(), studio.services.keys._known
    statuses = [(await http.get("/api/v1/jobs", headers=bearer(made["key"]))).status_code]
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE api_keys SET revoked_at = now()"))
    for seconds in (LIVENESS_SECONDS - 1, LIVENESS_SECONDS + 1):
        monkeypatch.setattr(memory, "clock", partial(add, monotonic(), seconds))
        statuses.append((await http.get("/api/v1/jobs", headers=bearer(made["key"]))).status_code)
    assert statuses == [200, 200, 401]


@pytest.mark.parametrize("key", ["esl_", "esl_" + "A" * 43, "esl_é", "esl_" + "x" * 5000])
async def test_a_made_up_key_is_refused(studio: Studio, key: str) -> None:
    answer = await (await studio.http()).get("/api/v1/jobs", headers={"Authorization": f"Bearer {key}".encode()})
    assert answer.status_code == 401


async def test_nobody_gives_a_key_more_than_they_have(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    member = await make_member(studio, owner.organization_id, Role.MEMBER)
    http, headers = await studio.http(), await bearer_of(studio, member)
    answer = await http.post("/api/v1/keys", json={"name": "more", "scopes": ["org:manage"]}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    answer = await http.get("/api/v1/keys?everyones=true", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


async def test_a_key_follows_its_owners_role_and_managers_may_revoke_it(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    owner = await make_organization(studio, "Own")
    member = await make_member(studio, owner.organization_id, Role.MEMBER)
    http, manager = await studio.http(), await bearer_of(studio, owner)
    body = {"name": "program", "scopes": ["jobs:write"]}
    made = (await http.post("/api/v1/keys", json=body, headers=await bearer_of(studio, member))).json()
    async with owner_engine.begin() as connection:
        await connection.execute(
            text("UPDATE memberships SET role = 'viewer' WHERE user_id = :id"), {"id": member.user_id}
        )
    answer = await http.post("/api/v1/generate", json={"prompt": "x"}, headers=bearer(made["key"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")

    everyones = (await http.get("/api/v1/keys?everyones=true", headers=manager)).json()["items"]
    assert [item["id"] for item in everyones] == [made["id"]]
    assert (await http.delete(f"/api/v1/keys/{made['id']}", headers=manager)).status_code == 204
    assert (await http.get("/api/v1/jobs", headers=bearer(made["key"]))).status_code == 401
