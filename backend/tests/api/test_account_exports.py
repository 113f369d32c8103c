"""The archive of all that is kept about a person: whole, theirs alone, without secrets, gone on with after a kill."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import utc_now
from app.core.security import hash_token
from app.services import account_archives
from tests.api.test_exports import Killed, WatchedStorage, follow, let_leases_run_out, worker
from tests.support.people import invite, join
from tests.support.studio import PASSWORD, Browser, Studio

ME = "/api/v1/users/me/export"


async def ask(browser: Browser) -> dict[str, Any]:
    answer = await browser.post(ME)
    assert answer.status_code == 202, answer.text
    export: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/exports/{export['id']}"
    return export


async def fetch(browser: Browser, export: dict[str, Any]) -> zipfile.ZipFile:
    done = await follow(browser, export)
    assert done["status"] == "COMPLETED", done
    archive = zipfile.ZipFile(io.BytesIO((await browser.http.get(done["url"])).content))
    assert archive.testzip() is None
    return archive


def rows(archive: zipfile.ZipFile, section: str, folder: str = "") -> list[dict[str, Any]]:
    """All pages of a section, of all organisations unless a folder is named."""

    def pages() -> Iterator[dict[str, Any]]:
        for name in sorted(archive.namelist()):
            if f"/{section}-" in name and name.startswith(folder):
                yield from json.loads(archive.read(name))

    return list(pages())


async def fill(studio: Studio, browser: Browser, word: str) -> list[str]:
    """Two images with files, one of them shared, tagged and in a collection; a key, a link. The ids of the images."""
    await browser.generate(f"{word} private")
    await browser.generate(f"{word} shared", visibility="organization")
    await studio.drain()
    ids = [image["id"] for image in (await browser.get("/api/v1/images")).json()["items"]]
    await browser.request("PATCH", f"/api/v1/images/{ids[0]}", json={"tags": [f"{word}-tag"]})
    collection = {"name": f"{word} collection", "image_ids": ids[:1]}
    assert (await browser.post("/api/v1/collections", json=collection)).status_code == 201
    assert (await browser.post("/api/v1/share-links", json={"image_id": ids[0]})).status_code == 201
    return ids


async def test_the_archive_holds_all_of_ones_own_and_nothing_of_anybody_elses(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await fill(studio, ann, "annish")
    ids = await fill(studio, bob, "bobbish")
    key = (await bob.post("/api/v1/keys", json={"name": "robot", "scopes": ["jobs:read"]})).json()["key"]
    await ann.request("PATCH", f"/api/v1/members/{bob.user['id']}", json={"role": "admin"})
    second = (await ann.post("/api/v1/organizations", json={"name": "Zweites Büro"})).json()["id"]
    await ann.post(f"/api/v1/organizations/{second}/switch")
    token = (await invite(ann, "bob"))["token"]
    assert (await bob.post("/api/v1/invitations/accept", json={"token": token})).status_code == 200
    await bob.generate("bobbish elsewhere")
    await studio.drain()

    export = await ask(bob)
    assert (export["kind"], export["status"], export["image_count"]) == ("account", "QUEUED", 3)
    assert await worker(studio).run_waiting() == 1
    archive = await fetch(bob, export)

    account = json.loads(archive.read("account/account.json"))
    assert (account["email"], account["name"], account["has_password"]) == ("bob@example.com", "Bob", True)
    assert len(account["sessions"]) == 1
    assert account["sessions"][0]["user_agent"].startswith("python-httpx")
    folders = {name.split("/")[0] for name in archive.namelist()} - {"account"}
    assert {folder.rsplit("-", 1)[0] for folder in folders} == {"Studio", "Zweites-Büro"}
    assert {json.loads(archive.read(f"{folder}/organization.json"))["role"] for folder in folders} == {
        "admin",
        "member",
    }
    assert {job["prompt"] for job in rows(archive, "jobs")} == {
        "bobbish private",
        "bobbish shared",
        "bobbish elsewhere",
    }
    (named,) = rows(archive, "keys")
    assert (named["name"], key.startswith(named["prefix"])) == ("robot", True)
    (collection,) = rows(archive, "collections")
    assert collection["image_ids"] == ids[:1]
    assert len(rows(archive, "share-links")) == 1
    images = rows(archive, "images")
    assert [image["tags"] for image in images if image["id"] == ids[0]] == [["bobbish-tag"]]
    for image in images:
        (name,) = [each for each in archive.namelist() if each.endswith(image["file"])]
        assert archive.read(name).startswith(b"\x89PNG")
    actions = {event["action"] for event in rows(archive, "events")}
    assert {"account.registered", "key.created", "member.role_changed", "share.created"} <= actions
    (promoted,) = [event for event in rows(archive, "events") if event["action"] == "member.role_changed"]
    assert (promoted["by_you"], promoted["address"]) == (False, None), "where Ann sat is hers to know"

    everything = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    assert b"annish" not in everything
    assert b"ann@example.com" not in everything
    for secret in (key.encode(), key.removeprefix(named["prefix"]).encode(), PASSWORD.encode(), b"argon2"):
        assert secret not in everything
    assert hash_token(key).hex().encode() not in everything
    files = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(files) == 3, "colleagues' shared pictures are theirs"
    (told,) = (await ann.get("/api/v1/audit?action=account.export_asked")).json()["items"]
    assert told["actor_name"] == "Bob"


async def test_after_a_kill_another_worker_goes_on_and_nothing_is_twice(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_archives, "PAGE", 2)
    ann = await studio.register("ann")
    for number in range(5):
        await ann.generate(f"picture {number}")
    await studio.drain()
    export = await ask(ann)
    dying = WatchedStorage(studio.parts.storage)
    dying.fail_at = 2
    with pytest.raises(Killed):
        await worker(studio, dying).run_waiting()
    half = await follow(ann, export)
    assert (half["status"], 0 < half["done"] < 5, 0 < half["progress"] < 1) == ("RUNNING", True, True)
    await let_leases_run_out(owner_engine)
    assert await worker(studio).run_waiting() == 1
    archive = await fetch(ann, export)
    assert len(archive.namelist()) == len(set(archive.namelist()))
    assert sorted(job["prompt"] for job in rows(archive, "jobs")) == [f"picture {number}" for number in range(5)]
    assert len([name for name in archive.namelist() if "/jobs-" in name]) == 3
    assert len([name for name in archive.namelist() if name.endswith(".png")]) == 5
    ids = [event["id"] for event in rows(archive, "events")]
    assert len(ids) == len(set(ids)) >= 2


async def test_an_organisation_that_one_leaves_meanwhile_is_left_out(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    second = (await ann.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    await bob.generate("at home")
    await studio.drain()
    await ann.post(f"/api/v1/organizations/{second}/switch")
    token = (await invite(ann, "bob"))["token"]
    await bob.post("/api/v1/invitations/accept", json={"token": token})
    export = await ask(bob)
    home = [each["id"] for each in (await ann.get("/api/v1/users/me")).json()["organizations"] if each["id"] != second]
    await ann.post(f"/api/v1/organizations/{home[0]}/switch")
    assert (await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}")).status_code == 204
    await worker(studio).run_waiting()
    archive = await fetch(bob, export)
    assert not rows(archive, "jobs")
    assert not any(name.startswith("Studio") for name in archive.namelist())


async def test_one_is_made_at_a_time_by_a_person_and_not_by_a_program(studio: Studio) -> None:
    ann = await studio.register("ann")
    export = await ask(ann)
    again = await ann.post(ME)
    assert (again.status_code, again.json()["code"]) == (409, "too_many_exports")
    key = (await ann.post("/api/v1/keys", json={"name": "robot", "scopes": ["images:read"]})).json()["key"]
    by_key = await (await studio.http()).post(ME, headers={"Authorization": f"Bearer {key}"})
    assert (by_key.status_code, by_key.json()["code"]) == (403, "session_required")
    bob = await join(studio, ann, "bob")
    assert (await bob.get(f"/api/v1/exports/{export['id']}")).status_code == 404
    await worker(studio).run_waiting()
    await ask(ann)


async def test_its_link_ends_and_its_files_go(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    export = await ask(ann)
    await worker(studio).run_waiting()
    url = (await follow(ann, export))["url"]
    assert (await ann.http.get(url)).status_code == 200
    async with owner_engine.begin() as connection:
        past = {"past": utc_now() - timedelta(seconds=1)}
        await connection.execute(text("UPDATE exports SET expires_at = :past"), past)
    assert await worker(studio).sweep() == 1
    assert (await ann.http.get(url)).status_code == 404
    assert [key async for key in studio.parts.storage.list("") if export["id"] in key] == []
