"""The faults that a studio has to stand, each with its criterion, on real processes. Numbers as in docs/engine.md.

Every test sends at least twenty jobs and holds the whole account at its end (`hold_account`). Promised times are
measured by the database's clock; a busy machine may add `SLACK_SECONDS`.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable

import httpx
import psutil
import pytest
from httpx_sse import aconnect_sse
from sqlalchemy import text

from tests.chaos.ledger import hold_account
from tests.support.real_studio import (
    DRAIN_SECONDS,
    LEASE_SECONDS,
    SLACK_SECONDS,
    SWEEP_SECONDS,
    Maker,
    Part,
    RealStudio,
)

pytestmark = pytest.mark.timeout(240)
Record = Callable[[str, object], None]


async def start_slow_job(studio: RealStudio, makers: list[Maker]) -> tuple[str, Part, int]:
    """A job that runs for seconds, the worker that has it, and the pid of the pool's child."""
    [job_id] = await studio.submit_all(makers, 1, prompt="slow")
    await studio.until_running()
    name = await studio.value("SELECT worker FROM image_jobs WHERE id = :id", id=job_id)
    pid = int(name.rpartition("-")[2])
    [part] = [part for part in studio.workers if pid in {child.pid for child in part.children()}]
    return job_id, part, pid


async def until_attempt(studio: RealStudio, job_id: str, attempt: int, seconds: float = 60) -> float:
    async def reached() -> bool:
        return bool(await studio.value("SELECT attempt >= :a FROM image_jobs WHERE id = :id", a=attempt, id=job_id))

    return await studio.until(reached, f"attempt {attempt}", seconds, every=0.05)


async def test_01_a_killed_pool_child(studio: RealStudio, record_property: Record) -> None:
    makers = await studio.people(4, 2)
    job_id, _, child = await start_slow_job(studio, makers)
    await studio.submit_all(makers, 20)
    os.kill(child, signal.SIGKILL)
    took = await until_attempt(studio, job_id, 2)
    record_property("restarted_after_seconds", round(took, 2))
    assert took <= LEASE_SECONDS + 1 + SLACK_SECONDS
    await studio.until_all_ended()
    account = await hold_account(studio, makers, accepted=21)
    assert account.statuses == {"COMPLETED": 21}


async def test_02_a_killed_worker(studio: RealStudio, record_property: Record) -> None:
    makers = await studio.people(4, 2)
    job_id, worker, _ = await start_slow_job(studio, makers)
    await studio.submit_all(makers, 20)
    worker.kill()

    async def given_back() -> bool:
        return bool(await studio.value("SELECT lost_workers = 1 FROM image_jobs WHERE id = :id", id=job_id))

    took = await studio.until(given_back, "the lease ran out", 60, every=0.05)
    record_property("requeued_after_seconds", round(took, 2))
    assert took <= 2 * LEASE_SECONDS + SLACK_SECONDS
    worker.start()
    await studio.until_all_ended()
    assert (await hold_account(studio, makers, accepted=21)).statuses == {"COMPLETED": 21}


async def test_03_a_worker_killed_between_file_and_row(studio: RealStudio) -> None:
    makers = await studio.people(4, 2)
    async with studio.engine.connect() as connection:
        await connection.execute(text("LOCK TABLE images IN SHARE MODE"))  # reads pass, inserts wait
        ids = await studio.submit_all(makers, 20)

        async def stored() -> bool:
            return len(list(studio.bucket.rglob("*.webp"))) >= 2

        await studio.until(stored, "both workers have stored a picture")
        for worker in studio.workers:
            worker.kill()
        await connection.rollback()
    unrecorded = {path.parent.name for path in studio.bucket.rglob("*.png")}
    assert len(unrecorded) >= 2
    assert await studio.value("SELECT count(*) FROM images") == 0
    canceled = min(unrecorded)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        maker = next(maker for maker in makers if canceled in maker.accepted)
        await http.post(f"{studio.url()}/api/v1/jobs/{canceled}/cancel", headers=maker.headers)
    for worker in studio.workers:
        worker.start()
    await studio.until_all_ended()
    assert list(studio.bucket.rglob(f"{canceled}/*.png")), "the orphan that the sweep is for"
    account = await hold_account(studio, makers, accepted=len(ids))
    assert account.statuses == {"COMPLETED": 19, "CANCELED": 1}
    assert account.orphans_swept >= 2
    assert not list(studio.bucket.rglob(f"{canceled}/*.png"))


async def test_04_an_api_killed_between_commit_and_wake_up(studio: RealStudio, record_property: Record) -> None:
    """Redis hangs, so that neither wake-up nor event leaves; then the API dies, and Redis is killed as well."""
    makers = await studio.people(4, 2)
    redis = studio.redis._process
    assert redis is not None
    redis.send_signal(signal.SIGSTOP)
    requests = [asyncio.create_task(studio.submit(makers[n % 4], key=f"four-{n}", api=0)) for n in range(20)]

    async def committed() -> bool:
        return bool(await studio.value("SELECT count(*) = 20 FROM image_jobs"))

    await studio.until(committed, "all twenty are committed")
    studio.apis[0].kill()
    await studio.kill_redis()
    await asyncio.gather(*requests, return_exceptions=True)
    assert await studio.value("SELECT count(*) FROM image_jobs WHERE status = 'QUEUED'") == 20
    await studio.start_redis()
    took = await studio.until_running(seconds=60)
    record_property("started_after_seconds", round(took, 2))
    assert took <= SWEEP_SECONDS + SLACK_SECONDS
    studio.apis[0].start()
    await studio.until_all_ended()
    # Whoever asks again with the same key gets the job that was made.
    answers = [await studio.submit(makers[n % 4], key=f"four-{n}", api=1) for n in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert (await hold_account(studio, makers, accepted=20)).statuses == {"COMPLETED": 20}


async def test_05_redis_flushed_with_fifty_waiting(studio: RealStudio) -> None:
    makers = await studio.people(5, 2)
    for worker in studio.workers:
        worker.kill()
    await studio.submit_all(makers, 50)
    await studio.flush_redis()
    for worker in studio.workers:
        worker.start()
    await studio.until_all_ended()
    assert (await hold_account(studio, makers, accepted=50)).statuses == {"COMPLETED": 50}


@pytest.mark.parametrize("trouble", ["away", "full"])
async def test_06_redis_away_or_full(studio: RealStudio, trouble: str) -> None:
    makers = await studio.people(4, 2)
    if trouble == "away":
        await studio.kill_redis()
    else:
        async with studio.redis_client() as redis:
            await redis.config_set("maxmemory", 1)
    before = await studio.value("SELECT count(*) FROM image_jobs")
    answers = await asyncio.gather(*(studio.submit(makers[n % 4], api=n) for n in range(24)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {202, 503}, statuses
    made = await studio.value("SELECT count(*) FROM image_jobs") - before
    assert made == statuses.count(202), "a refused request left a job behind"
    assert made >= 20, "Redis is not needed to accept a job"
    if trouble == "away":
        await asyncio.sleep(float(os.environ.get("EASEL_CHAOS_REDIS_AWAY_SECONDS", "5")))
        await studio.start_redis()
    else:
        async with studio.redis_client() as redis:
            await redis.config_set("maxmemory", 0)
    await studio.until_all_ended()
    assert (await hold_account(studio, makers)).statuses == {"COMPLETED": made}


async def test_07_postgres_killed_under_load(studio: RealStudio, record_property: Record) -> None:
    makers = await studio.people(4, 2)
    over = asyncio.Event()
    wrong: list[int] = []

    async def keep_asking(maker: Maker, api: int) -> None:
        number = 0
        while not over.is_set() or len(maker.accepted) < 8:
            try:
                answer = await studio.submit(maker, key=f"seven-{api}-{number}", api=api)
            except httpx.HTTPError:
                continue
            if answer.status_code in {200, 202}:
                number += 1
            elif answer.status_code != 503:
                wrong.append(answer.status_code)
                return
            await asyncio.sleep(0.05)

    asking = [asyncio.create_task(keep_asking(maker, n)) for n, maker in enumerate(makers)]
    await asyncio.sleep(1.5)
    await studio.kill_postgres()
    await asyncio.sleep(1)
    await studio.start_postgres()
    took = await studio.until(studio.answers, "the APIs answer again", 60)
    record_property("healed_after_seconds", round(took, 2))
    assert took <= 10 + SLACK_SECONDS
    over.set()
    await asyncio.gather(*asking)
    assert not wrong
    await studio.until_all_ended()
    account = await hold_account(studio, makers)
    assert account.statuses.total() >= 32
    assert account.statuses["COMPLETED"] == account.statuses.total()


async def test_08_postgres_swallows_packets(studio: RealStudio, record_property: Record) -> None:
    makers = await studio.people(4, 2)
    await studio.submit_all(makers, 20)
    assert studio.postgres._process is not None
    server = psutil.Process(studio.postgres._process.pid)
    frozen = [server, *server.children(recursive=True)]
    for process in frozen:
        process.suspend()
    try:
        began = time.monotonic()
        requests = [asyncio.create_task(studio.submit(makers[n % 4], key=f"eight-{n}", api=n)) for n in range(8)]
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            for _ in range(10):
                assert (await http.get(f"{studio.url()}/healthz")).is_success
                await asyncio.sleep(0.2)
        answers = await asyncio.gather(*requests)
        took = time.monotonic() - began
    finally:
        for process in frozen:
            process.resume()
    record_property("refused_after_seconds", round(took, 1))
    assert {answer.status_code for answer in answers} == {503}
    assert took <= 25 + SLACK_SECONDS
    await studio.until_all_ended()
    # What the frozen server had read, it may commit after all: the same keys find it.
    for n in range(8):
        assert (await studio.submit(makers[n % 4], key=f"eight-{n}", api=n)).status_code in {200, 202}
    await studio.until_all_ended()
    account = await hold_account(studio, makers, accepted=28)
    assert account.statuses.total() == 28


async def test_09_a_worker_frozen_past_its_lease_and_thawed(studio: RealStudio) -> None:
    makers = await studio.people(4, 2)
    job_id, worker, _ = await start_slow_job(studio, makers)
    await studio.submit_all(makers, 20)
    worker.freeze()
    await until_attempt(studio, job_id, 2)

    async def done() -> bool:
        return bool(await studio.value("SELECT status = 'COMPLETED' FROM image_jobs WHERE id = :id", id=job_id))

    await studio.until(done, "the other worker has done it", 60)
    [before] = await studio.rows("SELECT finished_at, attempt, lease_token FROM image_jobs WHERE id = :id", id=job_id)
    files = {path: path.stat().st_mtime_ns for path in studio.bucket.rglob(f"{job_id}/*")}
    worker.thaw()
    await studio.until_all_ended()
    await studio.submit_all(makers, 10)  # both workers work again
    await studio.until_all_ended()
    [after] = await studio.rows("SELECT finished_at, attempt, lease_token FROM image_jobs WHERE id = :id", id=job_id)
    assert after == before
    assert {path: path.stat().st_mtime_ns for path in studio.bucket.rglob(f"{job_id}/*")} == files
    assert (await hold_account(studio, makers, accepted=31)).statuses == {"COMPLETED": 31}


@pytest.mark.parametrize("offset", [-300, 300])
async def test_10_a_workers_clock_five_minutes_off(studio: RealStudio, offset: int) -> None:
    makers = await studio.people(4, 2)
    for worker in studio.workers:
        worker.kill()
    odd = studio.workers[0]
    right = dict(odd.environment)
    odd.environment["PAINTING_CLOCK_OFFSET"] = str(offset)
    odd.start()
    try:
        await studio.submit_all(makers, 19)
        await studio.submit_all(makers, 1, prompt="slow")  # twice as long as a lease
        await studio.until_all_ended()
    finally:
        odd.kill()
        odd.environment.clear()
        odd.environment.update(right)
    [[attempts, lost]] = await studio.rows("SELECT max(attempt), sum(lost_workers) FROM image_jobs")
    assert (attempts, lost) == (1, 0), "a lease ended early"
    assert (await hold_account(studio, makers, accepted=20)).statuses == {"COMPLETED": 20}


async def test_11_a_job_that_kills_its_process(studio: RealStudio) -> None:
    makers = await studio.people(4, 2)
    [poison] = await studio.submit_all(makers[:1], 1, prompt="poison")
    others = await studio.submit_all(makers, 30)
    done_before_attempt: dict[int, int] = {}

    async def watched() -> bool:
        [[attempt, status, done]] = await studio.rows(
            "SELECT attempt, status, (SELECT count(*) FROM image_jobs WHERE status = 'COMPLETED') "
            "FROM image_jobs WHERE id = :id",
            id=poison,
        )
        done_before_attempt.setdefault(attempt, done)
        if done >= 25 and attempt < 3:  # others keep coming
            await studio.submit_all(makers, 4)
        return status == "FAILED"

    await studio.until(watched, "the poison is given up", 120, every=0.05)
    # Never twice in a row: between two of its attempts somebody else's job was done.
    assert done_before_attempt[1] < done_before_attempt[2] < done_before_attempt[3]
    await studio.until_all_ended()
    [row] = await studio.rows("SELECT attempt, error_code, dead_letter FROM image_jobs WHERE id = :id", id=poison)
    assert (row.attempt, row.error_code, row.dead_letter) == (3, "worker_lost", True)
    account = await hold_account(studio, makers)
    assert account.statuses["FAILED"] == 1
    assert account.statuses["COMPLETED"] >= len(others)


@pytest.mark.parametrize("mode", ["503", "500", "full", "hang", "torn"])
async def test_12_storage_in_trouble(studio: RealStudio, mode: str) -> None:
    makers = await studio.people(4, 2)
    studio.proxy.troubles.clear()
    studio.proxy.mode = mode
    await studio.submit_all(makers, 20)

    async def troubled() -> bool:
        return studio.proxy.troubles[mode] >= 3 or (mode == "hang" and studio.proxy.troubles[mode] >= 2)

    await studio.until(troubled, "writes failed", 60)
    assert await studio.value("SELECT count(*) FROM image_jobs WHERE status = 'COMPLETED'") == 0
    studio.proxy.mode = "ok"
    await studio.until_all_ended()
    assert (await hold_account(studio, makers, accepted=20)).statuses == {"COMPLETED": 20}


async def test_13_a_stream_cut_with_events_in_the_gap(studio: RealStudio, record_property: Record) -> None:
    makers = await studio.people(1)
    ids = set(await studio.submit_all(makers, 1, prompt="slow"))
    headers = makers[0].headers
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        aconnect_sse(http, "GET", f"{studio.url(0)}/api/v1/events", headers=headers) as source,
    ):
        async for event in source.aiter_sse():
            if event.event == "job.progress":
                last = event.id
                break
    studio.apis[0].kill()
    for _ in range(20):
        ids.add((await studio.submit(makers[0], api=1)).json()["job_id"])
    await studio.until_all_ended()
    began = time.monotonic()
    ended: set[str] = set()
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        aconnect_sse(
            http, "GET", f"{studio.url(1)}/api/v1/events", headers={**headers, "Last-Event-ID": last}
        ) as source,
    ):
        async for event in source.aiter_sse():
            if event.event == "job.completed":
                ended.add(event.json()["job_id"])
            if ended == ids:
                break
    took = time.monotonic() - began
    record_property("final_state_after_seconds", round(took, 3))
    assert took <= 1 + SLACK_SECONDS
    assert (await hold_account(studio, makers, accepted=21)).statuses == {"COMPLETED": 21}


async def keep_looking(studio: RealStudio, maker: Maker, over: asyncio.Event, failed: list[str]) -> None:
    """As through a balancer: where nobody listens, or an idle connection was closed, the other API is asked."""
    api = 0
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        while not over.is_set():
            api += 1
            try:
                answer = await http.get(f"{studio.url(api)}/api/v1/jobs?limit=1", headers=maker.headers)
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
                continue
            except httpx.HTTPError as error:
                failed.append(repr(error))
                continue
            if not answer.is_success:
                failed.append(f"{answer.status_code}")


async def test_14_sigterm_with_fifty_jobs_open(studio: RealStudio, record_property: Record) -> None:
    """First one half of the studio stops, then the other, as in a rolling upgrade."""
    makers = await studio.people(5, 2)
    await start_slow_job(studio, makers)
    await studio.submit_all(makers, 49)
    over: asyncio.Event = asyncio.Event()
    failed: list[str] = []
    asking = [asyncio.create_task(keep_looking(studio, maker, over, failed)) for maker in makers]
    for half in (0, 1):
        parts = (studio.apis[half], studio.workers[half])
        for part in parts:
            part.ask_to_stop()
        began = time.monotonic()
        for part in parts:
            await asyncio.to_thread(part.wait, DRAIN_SECONDS + 30)
        record_property(f"drained_after_seconds_{half}", round(time.monotonic() - began, 2))
        assert time.monotonic() - began <= DRAIN_SECONDS + 5 + SLACK_SECONDS
        for part in parts:
            part.start()
        await studio.until(studio.answers, "both APIs answer", 60)
    over.set()
    await asyncio.gather(*asking)
    assert not failed
    await studio.until_all_ended()
    [[attempts, lost]] = await studio.rows("SELECT max(attempt), sum(lost_workers) FROM image_jobs")
    assert (attempts, lost) == (1, 0), "what is handed back in good order counts no attempt"
    assert (await hold_account(studio, makers, accepted=50)).statuses == {"COMPLETED": 50}


async def test_15_one_key_fifty_times_at_once(studio: RealStudio) -> None:
    makers = await studio.people(20, 2)
    answers = await asyncio.gather(*(studio.submit(makers[0], key="fifteen", api=n) for n in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [202]
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    for maker in makers[1:]:  # the same key of another person is another key
        assert (await studio.submit(maker, key="fifteen")).status_code == 202
    await studio.until_all_ended()
    assert (await hold_account(studio, makers, accepted=20)).statuses == {"COMPLETED": 20}


async def test_16_credit_for_ten_and_a_cancel_racing_the_finish(studio: RealStudio) -> None:
    rng = random.Random(16)
    poor, rich = await studio.people(1), await studio.people(4, 2)
    await studio.rows(
        "UPDATE organizations SET quota_monthly = :limit WHERE id = :id RETURNING 1",
        limit=10 * 64 * 64 * 4,
        id=poor[0].organization_id,
    )
    answers = await asyncio.gather(*(studio.submit(poor[0], api=n) for n in range(100)))
    assert sorted(answer.status_code for answer in answers) == [202] * 10 + [402] * 90

    async def submit_and_cancel(maker: Maker, api: int) -> None:
        job_id = (await studio.submit(maker, api=api)).json()["job_id"]
        await asyncio.sleep(rng.random() * 1.5)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            answers = await asyncio.gather(
                *(http.post(f"{studio.url(n)}/api/v1/jobs/{job_id}/cancel", headers=maker.headers) for n in range(2))
            )
        assert all(answer.is_success for answer in answers)

    await asyncio.gather(*(submit_and_cancel(rich[n % 4], n) for n in range(40)))
    await studio.until_all_ended()
    account = await hold_account(studio, [*poor, *rich], accepted=50)
    assert account.statuses["COMPLETED"] + account.statuses["CANCELED"] == 50
