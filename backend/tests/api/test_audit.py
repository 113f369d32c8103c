"""The audit log: what is told, who may read it, and that nobody may change it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.people import bearer_of, make_organization
from tests.support.studio import PASSWORD, Studio


async def test_the_log_tells_who_did_what_from_where(studio: Studio) -> None:
    ann = await studio.register("ann")
    await ann.http.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": "a wrong password"})
    made = (await ann.post("/api/v1/keys", json={"name": "nightly", "scopes": ["jobs:read"]})).json()
    await ann.request("DELETE", f"/api/v1/keys/{made['id']}")
    events = (await ann.get("/api/v1/audit")).json()["items"]
    assert [event["action"] for event in events] == [
        "key.revoked",
        "key.created",
        "session.refused",
        "session.started",
        "account.registered",
    ]
    created = events[1]
    assert created["actor_name"] == "Ann"
    assert created["target"] == f"key:{made['id']}"
    assert created["after"]["name"] == "nightly"
    assert created["address"] == "127.0.0.1"
    assert created["user_agent"].startswith("python-httpx")
    assert len(created["trace_id"]) == 32
    assert made["key"] not in json.dumps(events)


async def test_the_export_is_json_lines_and_the_pages_join_without_a_hole(studio: Studio) -> None:
    ann = await studio.register("ann")
    for number in range(7):
        await ann.post("/api/v1/keys", json={"name": f"key {number}", "scopes": ["jobs:read"]})
    export = await ann.get("/api/v1/audit/export")
    assert export.headers["content-type"] == "application/x-ndjson"
    exported = [json.loads(line) for line in export.text.splitlines()]
    paged, cursor = [], ""
    while cursor is not None:
        page = (await ann.get("/api/v1/audit", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        paged += page["items"]
        cursor = page["next_cursor"]
    assert exported == paged
    assert len(paged) == 9
    only = (await ann.get("/api/v1/audit/export?action=key.created")).text.splitlines()
    assert len(only) == 7


async def test_another_organisations_log_is_not_seen(studio: Studio) -> None:
    await studio.register("ann")
    stranger = await make_organization(studio, "Other")
    http = await studio.http()
    assert (await http.get("/api/v1/audit", headers=await bearer_of(studio, stranger))).json()["items"] == []


async def test_guessing_at_an_unknown_address_is_kept_and_shown_to_no_organisation(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    await ann.http.post("/api/v1/auth/login", json={"email": "nobody@example.com", "password": PASSWORD})
    refused = text("SELECT organization_id::text FROM audit_events WHERE action = 'session.refused'")
    async with owner_engine.begin() as connection:
        assert list(await connection.scalars(refused)) == ["00000000-0000-0000-0000-000000000000"]
    assert (await ann.get("/api/v1/audit?action=session.refused")).json()["items"] == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET action = 'nothing'", "DELETE FROM audit_events", "TRUNCATE audit_events"],
)
async def test_the_application_may_not_change_what_is_written(studio: Studio, statement: str) -> None:
    ann = await studio.register("ann")
    me = (await ann.get("/api/v1/users/me")).json()
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with studio.parts.units.tenant(me["organization"]["id"]) as unit:
            await unit._session.execute(text(statement))
    assert len((await ann.get("/api/v1/audit")).json()["items"]) == 2
