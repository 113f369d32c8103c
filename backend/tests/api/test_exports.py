"""Zip exports: made in parts, told live, gone on with after a kill, fetched by a link that ends."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.enums import EventType, Role
from app.core.errors import Unavailable
from app.core.ids import new_id
from app.integrations.storage.protocol import StoredObject
from app.services.announcements import job_channel
from app.services.export_views import ExportViews
from app.services.export_work import ExportWork
from tests.api.test_gallery import fill
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Browser, Studio

EXPORT = "/api/v1/images/export"


class Killed(BaseException):
    """The process ends here, and nothing is tidied up."""


class WatchedStorage:
    """The real storage; notes what is written, and fails or kills at the n-th part when told to."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self.written: list[str] = []
        self.fail_at: int | None = None
        self.failure: BaseException = Killed()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    async def put(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        if self.fail_at is not None and len(self.written) >= self.fail_at:
            raise self.failure
        self.written.append(key)
        stored: StoredObject = await self._storage.put(key, data, content_type=content_type)
        return stored


def worker(studio: Studio, storage: Any = None, **changes: Any) -> ExportWork:
    values = {"keep_seconds": 3600.0, "max_attempts": 2, "lease_seconds": 3600.0, "part_images": 2, **changes}
    views = ExportViews(studio.settings.require_secret())
    return ExportWork(studio.parts.units, storage or studio.parts.storage, studio.parts.bus, views, **values)


async def ask(browser: Browser, ids: list[str]) -> dict[str, Any]:
    answer = await browser.post(EXPORT, json={"image_ids": ids})
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/exports/{answer.json()['id']}"
    return dict(answer.json())


async def follow(browser: Browser, export: dict[str, Any]) -> dict[str, Any]:
    return dict((await browser.get(f"/api/v1/exports/{export['id']}")).json())


async def test_an_export_is_packed_told_and_fetched_without_signing_in(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, ["one", "two", "../three"])
    export = await ask(ann, [*ids, ids[0], str(new_id())])
    assert (export["status"], export["image_count"], export["url"]) == ("QUEUED", 3, None)
    assert await worker(studio).run_waiting() == 1
    done = await follow(ann, export)
    assert (done["status"], done["done"], done["skipped"], done["progress"]) == ("COMPLETED", 3, 0, 1.0)

    anybody = await studio.http()
    answer = await anybody.get(done["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert len(answer.content) == done["size_bytes"] == int(answer.headers["content-length"])
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    images = [(await ann.get(f"/api/v1/images/{each}")).json() for each in ids]
    asked = [f"{n:04d}-{image['prompt'].strip('./')}-{image['seed']}.png" for n, image in enumerate(images, 1)]
    assert archive.namelist() == asked, "as asked for, and safe to unpack"
    first = images[0]
    assert archive.read(archive.namelist()[0]) == (await ann.http.get(first["url"])).content

    ranged = await anybody.get(done["url"], headers={"Range": "bytes=100-"})
    assert (ranged.status_code, ranged.content) == (206, answer.content[100:])
    assert ranged.headers["content-range"] == f"bytes 100-{len(answer.content) - 1}/{len(answer.content)}"
    me = (await ann.get("/api/v1/users/me")).json()
    events = await studio.parts.bus._entries(job_channel(me["organization"]["id"], me["user"]["id"]), "-")
    told = [(event.type, json.loads(event.data)["done"]) for event in events if event.type.startswith("export.")]
    assert told == [
        (EventType.EXPORT_PROGRESS, 2),
        (EventType.EXPORT_PROGRESS, 3),
        (EventType.EXPORT_COMPLETED, 3),
    ]


async def test_after_a_kill_another_worker_goes_on_behind_the_last_part(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, [str(number) for number in range(7)])
    export = await ask(ann, ids)
    dying = WatchedStorage(studio.parts.storage)
    dying.fail_at = 2
    with pytest.raises(Killed):
        await worker(studio, dying).run_waiting()
    half = await follow(ann, export)
    assert (half["status"], half["done"]) == ("RUNNING", 4)
    assert await worker(studio).run_waiting() == 0, "its lease runs on: it may be alive"
    await let_leases_run_out(owner_engine)
    other = WatchedStorage(studio.parts.storage)
    assert await worker(studio, other).run_waiting() == 1
    assert [key.rsplit("/", 1)[1].split("-")[0] for key in other.written] == ["2", "3", "4"]
    done = await follow(ann, export)
    archive = zipfile.ZipFile(io.BytesIO((await ann.http.get(done["url"])).content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 7


async def test_a_worker_that_lost_its_lease_writes_nothing_down(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    export = await ask(ann, await fill(studio, ann, ["one", "two", "three"]))
    slow = worker(studio)
    claimed = await slow._claim()
    assert claimed is not None
    await let_leases_run_out(owner_engine)
    assert await worker(studio).run_waiting() == 1
    before = await follow(ann, export)
    await slow._run(claimed)
    assert await follow(ann, export) == before


async def test_storage_that_stays_away_fails_it_after_its_attempts(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    export = await ask(ann, await fill(studio, ann, ["one"]))
    away = WatchedStorage(studio.parts.storage)
    away.fail_at, away.failure = 0, Unavailable("The bucket can't be reached.", code="storage_unavailable")
    for status in ("RUNNING", "FAILED"):
        await worker(studio, away).run_waiting()
        assert (await follow(ann, export))["status"] == status
        await let_leases_run_out(owner_engine)
    assert (await follow(ann, export))["error"]["code"] == "storage_unavailable"


async def let_leases_run_out(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE exports SET lease_expires_at = now() - interval '1 s'"))


async def test_what_is_deleted_meanwhile_is_skipped_and_told(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, ["one", "two"])
    export = await ask(ann, ids)
    await ann.request("DELETE", f"/api/v1/images/{ids[0]}")
    await worker(studio).run_waiting()
    done = await follow(ann, export)
    assert (done["done"], done["skipped"]) == (2, 1)
    assert len(zipfile.ZipFile(io.BytesIO((await ann.http.get(done["url"])).content)).namelist()) == 1


async def test_an_archive_goes_when_its_time_is_over_or_it_is_taken_back(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, ["one"])
    url, made = {}, []
    for end in ("time", "person"):
        export = await ask(ann, ids)
        made.append(export["id"])
        await worker(studio, keep_seconds=0.0 if end == "time" else 3600.0).run_waiting()
        url[end] = (await follow(ann, export))["url"]
        if end == "person":
            assert (await ann.request("DELETE", f"/api/v1/exports/{export['id']}")).status_code == 204
            assert (await ann.get(f"/api/v1/exports/{export['id']}")).status_code == 404
    assert (await ann.http.get(url["time"])).status_code == 403
    assert (await ann.http.get(url["person"])).status_code == 404
    assert (await ann.get("/api/v1/exports")).json()["items"] == []

    async def files() -> list[str]:
        return [key async for key in studio.parts.storage.list("") if any(each in key for each in made)]

    assert len(await files()) == 4
    assert await worker(studio).sweep() == 2
    assert await files() == []


async def test_links_are_signed_for_one_archive_and_one_time(studio: Studio) -> None:
    ann = await studio.register("ann")
    export = await ask(ann, await fill(studio, ann, ["one"]))
    await worker(studio).run_waiting()
    url = urlsplit((await follow(ann, export))["url"])
    given = {name: value[0] for name, value in parse_qs(url.query).items()}
    assert (await ann.http.get(url.path, params=given)).status_code == 200
    for change in (
        {"expires": str(int(given["expires"]) + 1)},
        {"organization": str(new_id())},
        {"signature": "0" * 64},
        {"signature": "ä"},
    ):
        answer = await ann.http.get(url.path, params={**given, **change})
        assert (answer.status_code, answer.json()["code"]) == (403, "invalid_link")
    assert (await ann.http.get(url.path.replace(export["id"], str(new_id())), params=given)).status_code == 403


async def test_exports_are_bounded_and_hold_only_what_one_may_see(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    colleague = await make_member(studio, owner.organization_id, Role.VIEWER)
    http = await studio.http()
    own, theirs, foreign = [await bearer_of(studio, each) for each in (owner, colleague, stranger)]
    for visibility in ("private", "organization"):
        await http.post("/api/v1/generate", json={"prompt": "a heart", "visibility": visibility}, headers=own)
    await studio.drain()
    ids = [image["id"] for image in (await http.get("/api/v1/images", headers=own)).json()["items"]]
    answer = await http.post(EXPORT, json={"image_ids": ids}, headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_export")
    seen = (await http.post(EXPORT, json={"image_ids": ids}, headers=theirs)).json()
    assert seen["image_count"] == 1
    for headers in (own, foreign):
        assert (await http.get(f"/api/v1/exports/{seen['id']}", headers=headers)).status_code == 404
        assert (await http.delete(f"/api/v1/exports/{seen['id']}", headers=headers)).status_code == 404
        assert (await http.get("/api/v1/exports", headers=headers)).json()["items"] == []
    codes = [(await http.post(EXPORT, json={"image_ids": ids}, headers=own)).status_code for _ in range(4)]
    assert codes == [202, 202, 202, 409]
    for body in ({}, {"image_ids": []}, {"image_ids": ids, "collection_id": ids[0]}):
        assert (await http.post(EXPORT, json=body, headers=own)).status_code == 422
    collection = {"name": "Both", "image_ids": ids, "visibility": "organization"}
    made = (await http.post("/api/v1/collections", json=collection, headers=own)).json()
    of_collection = await http.post(EXPORT, json={"collection_id": made["id"]}, headers=theirs)
    assert of_collection.json()["image_count"] == 1
