"""Cancel, retry, idempotency, quota."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import ModelUnavailable, StorageFull
from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def used(browser: object) -> float:
    return float((await browser.get("/api/v1/users/me")).json()["quota"]["used"])  # type: ignore[attr-defined]


async def test_a_waiting_job_is_canceled_at_once_and_costs_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    assert await used(ann) == job["cost"]
    canceled = (await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")).json()
    assert canceled["status"] == "CANCELED"
    assert canceled["finished_at"] is not None
    assert await used(ann) == 0
    assert (await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")).json()["status"] == "CANCELED"
    assert await studio.drain() == 0


async def test_a_running_job_stops_within_moments_and_costs_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    studio.engine.gate = threading.Event()
    job = await ann.generate()
    draining = asyncio.create_task(studio.drain())
    await asyncio.to_thread(studio.engine.painting.wait, 5)
    asked = (await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")).json()
    assert asked["status"] == "RUNNING"
    await asyncio.wait_for(draining, 5)
    ended = await ann.status(job["job_id"])
    assert (ended["status"], ended["images"], ended["error"]) == ("CANCELED", [], None)
    assert await used(ann) == 0


async def test_a_cancel_that_comes_too_late_changes_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await studio.drain()
    assert (await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")).json()["status"] == "COMPLETED"
    assert await used(ann) == job["cost"]


async def test_a_failed_job_says_why_costs_nothing_and_can_be_retried(studio: Studio) -> None:
    ann = await studio.register("ann")
    studio.engine.failures = [ModelUnavailable("The weights are torn. Copy the model again.")]
    job = await ann.generate("a heart", seed=5)
    await studio.drain()
    failed = await ann.status(job["job_id"])
    assert failed["status"] == "FAILED"
    assert failed["error"] == {"code": "model_unavailable", "detail": "The weights are torn. Copy the model again."}
    assert await used(ann) == 0

    answer = await ann.post(f"/api/v1/jobs/{job['job_id']}/retry")
    assert answer.status_code == 202
    again = answer.json()
    assert again["job_id"] != job["job_id"]
    assert again["params"] == job["params"]
    await studio.drain()
    assert (await ann.status(again["job_id"]))["status"] == "COMPLETED"
    refused = await ann.post(f"/api/v1/jobs/{again['job_id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_retryable")


async def test_a_disk_that_stays_full_fails_the_job_in_plain_words(studio: Studio) -> None:
    ann = await studio.register("ann")
    studio.engine.failures = [StorageFull("The disk is full. Free some space.") for _ in range(3)]
    job = await ann.generate()
    await studio.drain()
    failed = await ann.status(job["job_id"])
    assert (failed["status"], failed["error"]["code"]) == ("FAILED", "storage_full")


async def test_a_crash_of_the_model_is_tried_again_and_then_given_up(studio: Studio) -> None:
    ann = await studio.register("ann")
    studio.engine.failures = [RuntimeError("boom /secret/path"), RuntimeError("boom")]
    lucky = await ann.generate()
    await studio.drain()
    assert (await ann.status(lucky["job_id"]))["attempt"] == 3
    assert (await ann.status(lucky["job_id"]))["status"] == "COMPLETED"

    studio.engine.failures = [RuntimeError("boom /secret/path") for _ in range(3)]
    poison = await ann.generate()
    await studio.drain()
    failed = await ann.status(poison["job_id"])
    assert (failed["status"], failed["attempt"], failed["error"]["code"]) == ("FAILED", 3, "engine_failed")
    assert "secret" not in failed["error"]["detail"]


async def test_one_key_sent_fifty_times_at_once_makes_one_job(studio: Studio) -> None:
    ann = await studio.register("ann")
    headers = {"Idempotency-Key": "monday-7"}
    body = {"prompt": "a heart"}
    answers = await asyncio.gather(*(ann.post("/api/v1/generate", json=body, headers=headers) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 49
    assert len((await ann.get("/api/v1/jobs")).json()["items"]) == 1
    assert await used(ann) == answers[0].json()["cost"]


async def test_one_key_with_two_bodies_is_refused(studio: Studio) -> None:
    ann = await studio.register("ann")
    headers = {"Idempotency-Key": "monday-7"}
    await ann.post("/api/v1/generate", json={"prompt": "a heart"}, headers=headers)
    other = await ann.post("/api/v1/generate", json={"prompt": "a house"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_forgotten_after_a_day(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")

    async def ask(prompt: str) -> int:
        headers = {"Idempotency-Key": "once"}
        return (await ann.post("/api/v1/generate", json={"prompt": prompt}, headers=headers)).status_code

    async def grow_older(hours: int) -> None:
        async with owner_engine.begin() as connection:
            age = text("UPDATE idempotency_keys SET created_at = created_at - make_interval(hours => :hours)")
            await connection.execute(age, {"hours": hours})
        await studio.services.queue.sweep()

    assert await ask("a heart") == 202
    await grow_older(23)
    assert await ask("a heart") == 200
    await grow_older(2)
    assert await ask("a rocket") == 202


async def test_a_hundred_requests_with_credit_for_ten_get_exactly_ten(open_studio_with: OpenStudio) -> None:
    cost = 64 * 64 * 4 / 1e6
    async with open_studio_with(quota_monthly=cost * 10) as studio:
        ann = await studio.register("ann")
        answers = await asyncio.gather(*(ann.post("/api/v1/generate", json={"prompt": "x"}) for _ in range(100)))
        assert sorted(answer.status_code for answer in answers) == [202] * 10 + [402] * 90
        problem = next(answer.json() for answer in answers if answer.status_code == 402)
        assert problem["code"] == "quota_exceeded"
        assert problem["quota"]["limit"] == pytest.approx(cost * 10)
        assert "are left until" in problem["detail"]
        assert len((await ann.get("/api/v1/jobs", params={"limit": 100})).json()["items"]) == 10

        await ann.post(f"/api/v1/jobs/{(await ann.get('/api/v1/jobs')).json()['items'][0]['job_id']}/cancel")
        assert (await ann.post("/api/v1/generate", json={"prompt": "x"})).status_code == 202


async def test_too_many_open_jobs_of_one_person_are_refused(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(max_queued_per_user=2) as studio:
        ann = await studio.register("ann")
        await ann.generate()
        await ann.generate()
        answer = await ann.post("/api/v1/generate", json={"prompt": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_open_jobs")


async def test_the_eta_is_honest_after_the_first_run(studio: Studio) -> None:
    ann = await studio.register("ann")
    first = await ann.generate()
    assert first["eta_seconds"] is None
    await studio.drain()
    studio.parts.views.forget_speeds()
    waiting = [await ann.generate() for _ in range(3)]
    statuses = [await ann.status(job["job_id"]) for job in waiting]
    assert [status["queue_position"] for status in statuses] == [1, 2, 3]
    etas = [status["eta_seconds"] for status in statuses]
    assert all(eta is not None for eta in etas)
    assert etas == sorted(etas)


async def test_the_first_run_is_not_the_last_word_on_how_long_a_job_takes(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    await ann.generate()
    await studio.drain()
    async with owner_engine.begin() as connection:  # as if it had waited for its model
        await connection.execute(text("UPDATE image_jobs SET started_at = started_at - interval '100 s'"))
    assert (await ann.generate())["eta_seconds"] >= 90
    for _ in range(3):
        await ann.generate()
    await studio.drain()
    assert (await ann.generate())["eta_seconds"] < 60
