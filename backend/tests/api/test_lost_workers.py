"""What becomes of a job whose worker is lost, whose time is up, or whose worker has to stop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import StorageFull, Unavailable
from tests.support.studio import Browser, Studio


async def lose(studio: Studio, owner: AsyncEngine) -> None:
    """A worker claims the next job, and is never heard of again."""
    async with studio.parts.units.claims() as claims:
        assert [job async for job in claims.claim(models=["plain"], worker="lost", lease_seconds=30)]
    async with owner.begin() as connection:
        await connection.execute(
            text("UPDATE image_jobs SET lease_expires_at = clock_timestamp() WHERE status = 'RUNNING'")
        )


async def used(browser: Browser) -> float:
    return float((await browser.get("/api/v1/users/me")).json()["quota"]["used"])


async def test_a_job_that_loses_its_worker_three_times_becomes_a_dead_letter(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    job = await ann.generate("a heart", seed=5)
    for attempt in (1, 2, 3):
        await lose(studio, owner_engine)
        await studio.services.queue.sweep()
        status = await ann.status(job["job_id"])
        assert (status["status"], status["attempt"]) == ("QUEUED" if attempt < 3 else "FAILED", attempt)
    assert status["error"]["code"] == "worker_lost"
    assert await used(ann) == 0

    [letter] = (await ann.get("/api/v1/admin/dead-letters")).json()["items"]
    assert letter["job_id"] == job["job_id"]
    answer = await ann.post(f"/api/v1/admin/dead-letters/{job['job_id']}/retry")
    assert answer.status_code == 202
    again = answer.json()
    assert (again["params"], again["prompt"]) == (job["params"], "a heart")
    await studio.drain()
    assert (await ann.status(again["job_id"]))["status"] == "COMPLETED"
    assert (await ann.get("/api/v1/admin/dead-letters")).json()["items"] == []
    twice = await ann.post(f"/api/v1/admin/dead-letters/{job['job_id']}/retry")
    assert (twice.status_code, twice.json()["code"]) == (409, "already_retried")
    assert await used(ann) == job["cost"]


async def test_a_job_that_failed_for_good_reason_is_no_dead_letter(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")
    assert (await ann.get("/api/v1/admin/dead-letters")).json()["items"] == []
    answer = await ann.post(f"/api/v1/admin/dead-letters/{job['job_id']}/retry")
    assert answer.status_code == 404


async def test_a_cancel_of_a_job_whose_worker_is_lost_ends_it(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await lose(studio, owner_engine)
    await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")
    await studio.services.queue.sweep()
    assert (await ann.status(job["job_id"]))["status"] == "CANCELED"
    assert await used(ann) == 0


async def test_a_job_that_waits_past_its_deadline_fails_and_costs_nothing(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    late = await ann.generate(deadline_seconds=1)
    patient = await ann.generate()
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE image_jobs SET deadline_at = deadline_at - interval '10 seconds'"))
    await studio.services.queue.sweep()
    ended = await ann.status(late["job_id"])
    assert (ended["status"], ended["error"]["code"]) == ("FAILED", "deadline_exceeded")
    assert await used(ann) == patient["cost"]
    assert (await ann.status(patient["job_id"]))["queue_position"] == 1


async def test_a_running_job_is_stopped_at_its_deadline(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    studio.engine.gate = threading.Event()
    job = await ann.generate(deadline_seconds=60)
    draining = asyncio.create_task(studio.drain())
    await asyncio.to_thread(studio.engine.painting.wait, 10)
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE image_jobs SET deadline_at = clock_timestamp()"))
    await asyncio.wait_for(draining, 20)
    ended = await ann.status(job["job_id"])
    assert (ended["status"], ended["error"]["code"]) == ("FAILED", "deadline_exceeded")
    assert await used(ann) == 0


async def test_a_worker_that_has_to_stop_hands_its_job_back_uncounted(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.work, "_drain_seconds", 0.2)
    ann = await studio.register("ann")
    studio.engine.gate = threading.Event()
    job = await ann.generate()
    stopping = threading.Event()
    draining = asyncio.create_task(studio.work.drain(stopping.is_set))
    await asyncio.to_thread(studio.engine.painting.wait, 10)
    stopping.set()
    await asyncio.wait_for(draining, 20)
    waiting = await ann.status(job["job_id"])
    assert (waiting["status"], waiting["attempt"], waiting["queue_position"]) == ("QUEUED", 0, 1)
    assert studio.wake_ups.woken == ["plain", "plain"]  # another worker is told at once
    studio.engine.gate = None
    await studio.drain()
    assert (await ann.status(job["job_id"]))["status"] == "COMPLETED"


async def test_a_worker_that_has_to_stop_finishes_what_is_nearly_done(studio: Studio) -> None:
    ann = await studio.register("ann")
    studio.engine.gate = threading.Event()
    first, second = await ann.generate(), await ann.generate()
    stopping = threading.Event()
    draining = asyncio.create_task(studio.work.drain(stopping.is_set))
    await asyncio.to_thread(studio.engine.painting.wait, 10)
    stopping.set()
    studio.engine.gate.set()
    await asyncio.wait_for(draining, 20)
    assert (await ann.status(first["job_id"]))["status"] == "COMPLETED"
    assert (await ann.status(second["job_id"]))["status"] == "QUEUED"


@pytest.mark.parametrize("failure", [StorageFull("The disk is full."), Unavailable("The bucket is away.")])
async def test_a_storage_that_fails_for_a_while_costs_no_attempt(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr("app.services.image_keeping.STORE_RETRY_SECONDS", 0.05)
    put, failures = studio.parts.storage.put, [failure] * 5

    async def failing_put(key: str, data: bytes, *, content_type: str) -> Any:
        if failures:
            raise failures.pop()
        return await put(key, data, content_type=content_type)

    monkeypatch.setattr(studio.parts.storage, "put", failing_put)
    ann = await studio.register("ann")
    job = await ann.generate()
    await studio.drain()
    done = await ann.status(job["job_id"])
    assert (done["status"], done["attempt"]) == ("COMPLETED", 1)
    assert (await ann.http.get(done["image_url"])).content.startswith(b"\x89PNG")


async def test_a_worker_whose_lease_is_over_writes_no_file(studio: Studio, owner_engine: AsyncEngine) -> None:
    """The other worker may have stored its own picture under the same key."""
    ann = await studio.register("ann")
    studio.engine.gate = threading.Event()
    job = await ann.generate()
    only_this_one = threading.Event()
    draining = asyncio.create_task(studio.work.drain(only_this_one.is_set))
    await asyncio.to_thread(studio.engine.painting.wait, 10)
    only_this_one.set()
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE image_jobs SET lease_expires_at = clock_timestamp()"))
    await studio.services.queue.sweep()
    await asyncio.wait_for(draining, 20)  # its next heartbeat tells it
    assert not [key async for key in studio.parts.storage.list("") if job["job_id"] in key]
    assert (await ann.status(job["job_id"]))["status"] == "QUEUED"
