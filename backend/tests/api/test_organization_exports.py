"""The archive of an organisation: whole, for those who manage it, and no way round what colleagues keep private."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.security import hash_token
from app.services import organization_archives
from tests.api.test_account_exports import fetch, fill
from tests.api.test_exports import Killed, WatchedStorage, follow, let_leases_run_out, worker
from tests.support.people import invite, join
from tests.support.studio import PASSWORD, Browser, Studio

WHOLE = "/api/v1/organizations/current/export"


async def ask(browser: Browser) -> dict[str, Any]:
    answer = await browser.post(WHOLE)
    assert answer.status_code == 202, answer.text
    export: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/exports/{export['id']}"
    return export


def rows(archive: Any, section: str) -> list[dict[str, Any]]:
    pages = [name for name in sorted(archive.namelist()) if name.startswith(f"{section}-0")]
    return [row for name in pages for row in json.loads(archive.read(name))]


async def test_the_archive_holds_the_organisation_and_of_private_things_figures_alone(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await fill(studio, ann, "annish")
    await fill(studio, bob, "bobbish")
    key = (await bob.post("/api/v1/keys", json={"name": "robot", "scopes": ["jobs:read"]})).json()["key"]
    rule = {"pattern": "gore", "action": "block", "note": "legal asked"}
    assert (await ann.post("/api/v1/admin/moderation/rules", json=rule)).status_code == 201
    await bob.post("/api/v1/generate", json={"prompt": "gore"})
    await ann.request("PATCH", "/api/v1/limits", json={"monthly": 5000, "member_open_jobs": 7})
    token = (await invite(ann, "cyd"))["token"]

    export = await ask(ann)
    assert (export["kind"], export["status"], export["image_count"]) == ("organization", "QUEUED", 3)
    assert await worker(studio).run_waiting() == 1
    archive = await fetch(ann, export)

    whole = json.loads(archive.read("organization.json"))
    assert (whole["name"], whole["quota_monthly"], whole["member_max_open_jobs"]) == ("Studio", 5000, 7)
    charged = {each["user_id"]: each["charged"] for each in whole["usage"]}
    assert charged[None] == charged[ann.user["id"]] + charged[bob.user["id"]] > 0
    members = {each["email"]: each["role"] for each in json.loads(archive.read("members.json"))}
    assert members == {"ann@example.com": "owner", "bob@example.com": "member"}
    assert {each["email"] for each in rows(archive, "invitations")} == {"bob@example.com", "cyd@example.com"}
    assert [(each["pattern"], each["note"]) for each in rows(archive, "rules")] == [("gore", "legal asked")]
    assert [each["user_id"] for each in rows(archive, "moderation")] == [bob.user["id"]]
    assert [(each["name"], each["user_id"]) for each in rows(archive, "keys")] == [("robot", bob.user["id"])]
    assert [each["name"] for each in rows(archive, "collections")] == ["annish collection"]
    actions = {event["action"] for event in rows(archive, "audit")}
    assert {"account.registered", "moderation_rule.created", "quota.changed", "organization.export_asked"} <= actions

    jobs, images = rows(archive, "jobs"), rows(archive, "images")
    assert {each.get("prompt") for each in jobs} == {"annish private", "annish shared", "bobbish shared", None}
    assert {each.get("prompt") for each in images} == {"annish private", "annish shared", "bobbish shared", None}
    [withheld] = [each for each in images if "prompt" not in each]
    assert (withheld["user_id"], withheld["visibility"]) == (bob.user["id"], "private")
    assert not {"seed", "sha256", "file", "tags"} & withheld.keys()
    assert [each["cost"] > 0 for each in jobs if "prompt" not in each] == [True]
    files = sorted(name for name in archive.namelist() if name.endswith(".png"))
    assert files == sorted(each["file"] for each in images if "file" in each)
    assert all(archive.read(name).startswith(b"\x89PNG") for name in files)

    everything = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    for secret in (b"bobbish private", key.encode(), token.encode(), PASSWORD.encode(), b"argon2", b"token_hash"):
        assert secret not in everything
    assert hash_token(key).hex().encode() not in everything
    [told] = (await ann.get("/api/v1/audit?action=organization.export_asked")).json()["items"]
    assert told["target"] == f"export:{export['id']}"


async def test_nothing_of_another_organisation_is_in_it(studio: Studio) -> None:
    ann = await studio.register("ann")
    await fill(studio, ann, "at-home")
    second = (await ann.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    await ann.post(f"/api/v1/organizations/{second}/switch")
    await fill(studio, ann, "abroad")
    export = await ask(ann)
    await worker(studio).run_waiting()
    archive = await fetch(ann, export)
    assert {job["prompt"] for job in rows(archive, "jobs")} == {"abroad private", "abroad shared"}
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"at-home" not in everything
    assert b"account.registered" not in everything  # of her first one


async def test_after_a_kill_another_worker_goes_on_and_nothing_is_twice(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organization_archives, "PAGE", 2)
    ann = await studio.register("ann")
    for number in range(5):
        await ann.generate(f"picture {number}")
    await studio.drain()
    export = await ask(ann)
    dying = WatchedStorage(studio.parts.storage)
    dying.fail_at = 2
    with pytest.raises(Killed):
        await worker(studio, dying).run_waiting()
    await let_leases_run_out(owner_engine)
    assert await worker(studio).run_waiting() == 1
    archive = await fetch(ann, export)
    assert len(archive.namelist()) == len(set(archive.namelist()))
    assert sorted(job["prompt"] for job in rows(archive, "jobs")) == [f"picture {number}" for number in range(5)]
    assert len([name for name in archive.namelist() if name.startswith("jobs-")]) == 3
    events = [event["id"] for event in rows(archive, "audit")]
    logged = (await ann.get("/api/v1/audit", params={"limit": 100})).json()["items"]
    assert events == [event["id"] for event in logged]
    assert len([name for name in archive.namelist() if name.endswith(".png")]) == 5


async def test_it_is_for_those_who_manage_the_organisation_as_long_as_they_do(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob, cyd = await join(studio, ann, "bob", "admin"), await join(studio, ann, "cyd")
    assert (await cyd.post(WHOLE)).json()["code"] == "role_not_allowed"
    first = await ask(bob)
    again = await ann.post(WHOLE)
    assert (again.status_code, again.json()["code"]) == (409, "too_many_exports")
    await worker(studio).run_waiting()
    url = (await follow(bob, first))["url"]
    assert (await bob.http.get(url)).status_code == 200
    assert (await ann.get(f"/api/v1/exports/{first['id']}")).status_code == 404  # each their own
    second = await ask(bob)
    await ann.request("PATCH", f"/api/v1/members/{bob.user['id']}", json={"role": "member"})
    await worker(studio).run_waiting()
    failed = await follow(bob, second)
    assert (failed["status"], failed["error"]["code"], failed["url"]) == ("FAILED", "role_not_allowed", None)
    assert (await bob.http.get(url)).status_code == 404
