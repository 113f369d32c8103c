"""Deleting an organisation: taken back in time, or gone with rows and files, whatever comes in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.upkeep import make_organization_purge
from app.core.errors import Unavailable
from app.db.base import Base
from app.services.deletions import OrganizationPurge
from tests.api.test_second_factors import Authenticator, phone, turn_on  # noqa: F401 (a fixture)
from tests.support.people import join
from tests.support.studio import PASSWORD, Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]
# What stays on purpose: the audit log outlives everything, and people have accounts of their own.
STAYS = {"audit_events", "users", "refresh_tokens"}


async def here(browser: Browser) -> str:
    return str((await browser.get("/api/v1/organizations/current")).json()["id"])


async def ask(browser: Browser, name: str = "Studio") -> str:
    organization_id = await here(browser)
    wanted = {"name": name, "password": PASSWORD}
    answer = await browser.post(f"/api/v1/organizations/{organization_id}/deletion", json=wanted)
    assert answer.status_code == 202, answer.text
    assert answer.json()["deletion_due_at"] is not None
    return organization_id


async def make_due(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE organizations SET deletion_due_at = now() WHERE deletion_due_at > now()"))


async def rows_of(engine: AsyncEngine, organization_id: str) -> dict[str, int]:
    found = {}
    async with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            column = "id" if table.name == "organizations" else "organization_id"
            if column in table.columns and table.name not in STAYS:
                statement = text(f"SELECT count(*) FROM {table.name} WHERE {column} = CAST(:id AS uuid)")
                found[table.name] = await connection.scalar(statement, {"id": organization_id}) or 0
    return found


async def files_of(studio: Studio, organization_id: str) -> list[str]:
    return [key async for key in studio.parts.storage.list(f"{organization_id}/")]


async def test_nothing_new_is_made_while_it_waits_and_an_owner_takes_it_back(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob", "admin")
    organization_id = await here(ann)
    path = f"/api/v1/organizations/{organization_id}"
    wanted = {"name": "Studio", "password": PASSWORD}
    wrong = await ann.post(f"{path}/deletion", json={**wanted, "name": "Studioo"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/name")
    assert (await bob.post(f"{path}/deletion", json=wanted)).status_code == 403
    await ask(ann)
    for browser in (ann, bob):
        refused = await browser.post("/api/v1/generate", json={"prompt": "x"})
        assert (refused.status_code, refused.json()["code"]) == (409, "organization_closing")
        assert (await browser.get("/api/v1/images")).status_code == 200
    assert await make_organization_purge(studio.parts).purge_due() == 0
    restored = await ann.post(f"{path}/restore")
    assert restored.json()["deletion_due_at"] is None
    await bob.generate("x")
    told = [event["action"] for event in (await ann.get("/api/v1/audit")).json()["items"]]
    assert told[:2] == ["organization.deletion_taken_back", "organization.deletion_asked"]


async def test_an_open_session_alone_deletes_no_organisation(studio: Studio) -> None:
    ann = await studio.register("ann")
    path = f"/api/v1/organizations/{await here(ann)}/deletion"
    assert (await ann.get("/api/v1/users/me/proof")).json() == {"needs_password": True, "needs_code": False}
    for proof in ({}, {"password": "not the right one"}):
        refused = await ann.post(path, json={"name": "Studio", **proof})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "wrong_password")
    assert (await ann.get("/api/v1/organizations/current")).json()["deletion_due_at"] is None
    assert (await ann.get("/api/v1/audit", params={"action": "organization.deletion_asked"})).json()["items"] == []
    await ask(ann)


async def test_where_a_second_factor_is_on_its_code_is_asked_too(studio: Studio, phone: Authenticator) -> None:  # noqa: F811
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    path = f"/api/v1/organizations/{await here(ann)}/deletion"
    assert (await ann.get("/api/v1/users/me/proof")).json() == {"needs_password": True, "needs_code": True}
    wanted = {"name": "Studio", "password": PASSWORD}
    refused = await ann.post(path, json=wanted)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/code")
    assert (await ann.post(path, json={**wanted, "code": phone.next_code()})).status_code == 202


async def test_rows_and_files_are_gone_and_another_organisation_is_untouched(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    second = (await ann.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    await ann.generate("finished", num_images=2)
    await bob.post("/api/v1/keys", json={"name": "program", "scopes": ["jobs:read"]})
    await studio.drain()
    await bob.generate("still waiting")
    home = await ask(ann)
    await ann.post(f"/api/v1/organizations/{second}/switch")
    await ann.generate("of the second")
    await studio.drain()
    kept, kept_files = await rows_of(owner_engine, second), await files_of(studio, second)
    assert len(await files_of(studio, home)) >= 4
    assert sum((await rows_of(owner_engine, home)).values()) > 10

    await make_due(owner_engine)
    assert await make_organization_purge(studio.parts).purge_due() == 1
    assert set((await rows_of(owner_engine, home)).values()) == {0}
    assert await files_of(studio, home) == []
    assert await rows_of(owner_engine, second) == kept
    assert await files_of(studio, second) == kept_files
    assert await make_organization_purge(studio.parts).purge_due() == 0
    studio.services.sessions._live.clear()
    assert (await bob.get("/api/v1/images")).status_code == 401
    again = await bob.http.post("/api/v1/auth/login", json={"email": "bob@example.com", "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (403, "no_organization")
    async with owner_engine.begin() as connection:
        (event,) = await connection.execute(
            text("SELECT target, after FROM audit_events WHERE action = 'organization.deleted'")
        )
    assert event.target == f"organization:{home}"
    assert event.after["jobs"] >= 2
    assert event.after["files"] >= 4


@pytest.mark.parametrize("stopped_at", ["_end_jobs", "_delete_jobs", "_delete_files"])
async def test_a_purge_that_is_stopped_goes_on_where_it_was(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    ann = await studio.register("ann")
    for _ in range(3):
        await ann.generate("finished")
    await studio.drain()
    await ann.generate("still waiting")
    home = await ask(ann)
    await make_due(owner_engine)
    step = getattr(OrganizationPurge, stopped_at)

    async def done_and_then_stopped(self: OrganizationPurge, organization_id: object) -> None:
        await step(self, organization_id)
        raise Unavailable("the database went away")

    with monkeypatch.context() as stopping:
        stopping.setattr(OrganizationPurge, stopped_at, done_and_then_stopped)
        assert await make_organization_purge(studio.parts).purge_due() == 0
    assert (await rows_of(owner_engine, home))["organizations"] == 1
    assert await make_organization_purge(studio.parts).purge_due() == 1
    assert set((await rows_of(owner_engine, home)).values()) == {0}
    assert await files_of(studio, home) == []


async def test_a_running_job_is_stopped_first_and_leaves_no_file(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    studio.engine.gate = gate = threading.Event()
    await ann.generate("running")
    working = asyncio.create_task(studio.drain())
    await asyncio.to_thread(studio.engine.painting.wait, 60)
    home = await ask(ann)
    await make_due(owner_engine)
    assert await make_organization_purge(studio.parts).purge_due() == 0
    await working
    gate.set()
    assert await make_organization_purge(studio.parts).purge_due() == 1
    assert set((await rows_of(owner_engine, home)).values()) == {0}
    assert await files_of(studio, home) == []
