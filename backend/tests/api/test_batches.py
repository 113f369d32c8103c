"""Jobs of different people in one pass: shared where they can be, and none harms another."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from PIL import Image

from app.integrations.storage.protocol import Storage
from app.services.work import UNFINISHED_PASSES
from tests.support.studio import Browser, Studio

WAIT_SECONDS = 60


@pytest.fixture
async def open_house(
    open_studio_with: Callable[..., AbstractAsyncContextManager[Studio]],
) -> AsyncIterator[Studio]:
    """Everybody who registers gets an organisation of their own; the device holds eight images."""
    async with open_studio_with(registration="open", max_attempts=2) as studio:
        studio.engine.at_once = 8
        yield studio


async def until(condition: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not await condition():  # noqa: ASYNC110 (what is waited for is in another process's hands)
            await asyncio.sleep(0.02)


async def colour_of(browser: Browser, image: dict[str, Any]) -> tuple[int, ...]:
    answer = await browser.http.get(image["url"])
    assert answer.status_code == httpx.codes.OK
    pixel = Image.open(io.BytesIO(answer.content)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(map(int, pixel))


async def test_jobs_of_several_organisations_share_a_pass_and_each_gets_its_own_pictures(open_house: Studio) -> None:
    ann, bob = await open_house.register("ann"), await open_house.register("bob")
    jobs = [
        (ann, await ann.generate("a heart", seed=10, num_images=2)),
        (bob, await bob.generate("a house", seed=20)),
        (ann, await ann.generate("a cat", seed=30)),
    ]
    assert await open_house.drain() == 3
    [request] = open_house.engine.requests
    assert sorted((image.prompt, image.seed) for image in request.images) == [
        ("a cat", 30),
        ("a heart", 10),
        ("a heart", 11),
        ("a house", 20),
    ]
    for browser, job in jobs:
        done = await browser.status(job["job_id"])
        assert done["status"] == "COMPLETED"
        seeds = [image["seed"] for image in done["images"]]
        assert seeds == [job["params"]["seed"] + index for index in range(job["params"]["num_images"])]
        assert [await colour_of(browser, image) for image in done["images"]] == [(seed, 0, 90) for seed in seeds]


async def test_jobs_that_cannot_share_a_pass_do_not(open_house: Studio) -> None:
    ann = await open_house.register("ann")
    for body in ({}, {"steps": 5}, {"guidance": 4.0}, {"width": 128}):
        await ann.generate(**body)
    assert await open_house.drain() == 4
    assert [len(request.images) for request in open_house.engine.requests] == [1, 1, 1, 1]


async def test_a_pass_holds_no_more_than_the_device_does(open_house: Studio) -> None:
    ann = await open_house.register("ann")
    open_house.engine.at_once = 4
    for _ in range(3):
        await ann.generate(num_images=2)
    assert await open_house.drain() == 3
    assert [len(request.images) for request in open_house.engine.requests] == [4, 2]


async def test_a_canceled_job_is_over_while_its_companions_go_on(open_house: Studio) -> None:
    ann, bob = await open_house.register("ann"), await open_house.register("bob")
    open_house.engine.gate = threading.Event()
    unwanted, wanted = await ann.generate("a heart"), await bob.generate("a house")
    draining = asyncio.create_task(open_house.drain())
    await asyncio.to_thread(open_house.engine.painting.wait, WAIT_SECONDS)
    await ann.post(f"/api/v1/jobs/{unwanted['job_id']}/cancel")

    async def canceled() -> bool:
        return (await ann.status(unwanted["job_id"]))["status"] == "CANCELED"

    await until(canceled)
    assert (await bob.status(wanted["job_id"]))["status"] == "RUNNING"
    open_house.engine.gate.set()
    await draining
    assert (await bob.status(wanted["job_id"]))["status"] == "COMPLETED"
    ended = await ann.status(unwanted["job_id"])
    assert (ended["status"], ended["images"]) == ("CANCELED", [])
    assert (await ann.get("/api/v1/users/me")).json()["quota"]["used"] == 0
    assert len(open_house.engine.requests) == 1


async def test_a_pass_that_nobody_wants_any_more_is_stopped(open_house: Studio) -> None:
    ann, bob = await open_house.register("ann"), await open_house.register("bob")
    open_house.engine.gate = threading.Event()  # never set
    jobs = [(ann, await ann.generate()), (bob, await bob.generate())]
    draining = asyncio.create_task(open_house.drain())
    await asyncio.to_thread(open_house.engine.painting.wait, WAIT_SECONDS)
    for browser, job in jobs:
        await browser.post(f"/api/v1/jobs/{job['job_id']}/cancel")
    await asyncio.wait_for(draining, WAIT_SECONDS)
    assert [(await browser.status(job["job_id"]))["status"] for browser, job in jobs] == ["CANCELED", "CANCELED"]


async def test_a_poison_in_a_pass_fails_alone(open_house: Studio) -> None:
    ann, bob = await open_house.register("ann"), await open_house.register("bob")
    open_house.engine.poison = {"poison"}
    good = [(ann, await ann.generate("a heart")), (bob, await bob.generate("a house"))]
    poison = await ann.generate("poison")
    await open_house.drain()
    for browser, job in good:
        done = await browser.status(job["job_id"])
        assert (done["status"], done["attempt"], len(done["images"])) == ("COMPLETED", 1, 1)
    failed = await ann.status(poison["job_id"])
    assert (failed["status"], failed["attempt"], failed["error"]["code"]) == ("FAILED", 2, "engine_failed")


class SlowStorage:
    """Stores nothing before `open` is set."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.open = asyncio.Event()

    async def put_made(self, *arguments: Any) -> Any:
        await self.open.wait()
        return await self._storage.put_made(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


async def test_the_device_goes_on_while_pictures_are_stored_but_no_more_is_claimed_than_can_start(
    open_studio_with: Callable[..., AbstractAsyncContextManager[Studio]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_studio_with(batch_images=2) as studio:
        storage, most = SlowStorage(studio.parts.storage), UNFINISHED_PASSES * 2
        monkeypatch.setattr(studio.work._keeper, "_storage", storage)
        ann = await studio.register("ann")
        jobs = [await ann.generate(steps=steps) for steps in range(4, 4 + most + 3)]  # no two share a pass
        draining = asyncio.create_task(studio.drain())

        async def all_painted() -> bool:
            return len(studio.engine.requests) == most

        await until(all_painted)
        await asyncio.sleep(0.3)  # long enough to claim more, were it allowed
        states = [(await ann.status(job["job_id"]))["status"] for job in jobs]
        assert (states.count("RUNNING"), states.count("QUEUED")) == (most, 3)
        storage.open.set()
        assert await draining == len(jobs)
        assert {(await ann.status(job["job_id"]))["status"] for job in jobs} == {"COMPLETED"}


async def test_who_feeds_the_device_does_not_wait_for_what_is_being_stored(
    open_house: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = SlowStorage(open_house.parts.storage)
    monkeypatch.setattr(open_house.work._keeper, "_storage", storage)
    ann = await open_house.register("ann")
    jobs = [await ann.generate()]
    assert await open_house.work.feed(lambda: False) == 1
    jobs += [await ann.generate(), await ann.generate(steps=5)]
    assert await open_house.work.feed(lambda: False) == 2
    assert await open_house.work.feed(lambda: False) == 0

    async def all_painted() -> bool:
        return len(open_house.engine.requests) == 3

    await until(all_painted)
    assert {(await ann.status(job["job_id"]))["status"] for job in jobs} == {"RUNNING"}
    storage.open.set()
    await open_house.work.rest()
    assert {(await ann.status(job["job_id"]))["status"] for job in jobs} == {"COMPLETED"}


async def test_leases_live_while_a_finished_batch_is_stored(
    open_studio_with: Callable[..., AbstractAsyncContextManager[Studio]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_studio_with(lease_seconds=2.0) as studio:
        storage = SlowStorage(studio.parts.storage)
        monkeypatch.setattr(studio.work._keeper, "_storage", storage)
        ann = await studio.register("ann")
        job = await ann.generate()
        draining = asyncio.create_task(studio.drain())
        for _ in range(3):
            await asyncio.sleep(1.0)
            await studio.services.queue.sweep()
        assert (await ann.status(job["job_id"]))["status"] == "RUNNING"
        storage.open.set()
        await draining
        done = await ann.status(job["job_id"])
        assert (done["status"], done["attempt"]) == ("COMPLETED", 1)


async def test_loading_a_model_is_a_stage_of_its_own(open_house: Studio) -> None:
    ann = await open_house.register("ann")
    open_house.engine.loading = asyncio.Event()
    open_house.engine.gate = threading.Event()
    job = await ann.generate()
    assert job["stage"] is None
    draining = asyncio.create_task(open_house.drain())

    async def stage(expected: str) -> bool:
        return bool((await ann.status(job["job_id"]))["stage"] == expected)

    await until(lambda: stage("loading"))
    open_house.engine.loading.set()
    await until(lambda: stage("generating"))
    open_house.engine.gate.set()
    await draining
    done = await ann.status(job["job_id"])
    assert (done["status"], done["stage"]) == ("COMPLETED", None)
