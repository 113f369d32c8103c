"""Queue position and ETA as they were promised with the 202, against what happened, on the real service."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image
from sqlalchemy import text

from app.bootstrap.database import migrate
from app.bootstrap.workers import make_work_service
from app.cli.studio.postgres import EmbeddedPostgres
from app.cli.studio.redis import EmbeddedRedis
from app.core.config import load_settings
from app.db.session import make_engine
from app.engine.protocol import BatchRequest, Progress
from app.services.work import WorkService
from bench.lib.rounds import tell
from bench.lib.tables import print_table
from tests.support.homes import temporary_home
from tests.support.studio import Browser, PaintingEngine, Studio, open_studio, write_model_card

STEP_SECONDS = 0.01
PEOPLE, JOBS_A_ROUND = 6, 40
STEPS = (4, 8, 16, 32)


@dataclass(frozen=True)
class Scene:
    """`at_once` images share a pass, which takes `batch_factor` times one image's time when it is full.

    A round's jobs, 6 s of work for one device without batches, are asked for within `arrivals_seconds`.
    """

    name: str
    workers: int
    at_once: int = 1
    batch_factor: float = 1.0
    arrivals_seconds: float = 6.0


RUSH_SECONDS = 1.5
SCENES = (
    Scene("one device, no batches", workers=1),
    Scene("one device, batches of 4", workers=1, at_once=4, batch_factor=1.6),
    Scene("two devices", workers=2),
    Scene("one device, no batches, a rush", workers=1, arrivals_seconds=RUSH_SECONDS),
    Scene("one device, batches of 4, a rush", workers=1, at_once=4, batch_factor=1.6, arrivals_seconds=RUSH_SECONDS),
    Scene("two devices, a rush", workers=2, arrivals_seconds=RUSH_SECONDS),
)


@dataclass(frozen=True)
class Promise:
    """What the 202 said, and what happened, in seconds from it to the end and in jobs started before this one."""

    eta: float
    took: float
    position: int
    started_before: int


class TimedEngine(PaintingEngine):
    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.at_once = scene.at_once

    def _paint(
        self, request: BatchRequest, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        share = (len(request.images) - 1) / max(1, self._scene.at_once - 1)
        step_seconds = STEP_SECONDS * (1 + (self._scene.batch_factor - 1) * share)

        def slow(progress: Progress) -> None:
            time.sleep(step_seconds)
            on_progress(Progress(progress.step, progress.steps))

        return super()._paint(request, slow, should_stop)


async def run(rounds: int) -> None:
    with (
        temporary_home("bench") as home,
        EmbeddedPostgres(home, durable=False) as postgres,
        EmbeddedRedis(home) as redis,
    ):
        settings = load_settings(
            _env_file=None,
            home=home / "home",
            database_url=postgres.url,
            redis_url=redis.url,
            public_url="http://127.0.0.1:3000",
            registration="open",
            access_token_seconds=3600,
            model=str(write_model_card(home / "models" / "plain", max_steps=50)),
            log_level="ERROR",
        )
        await asyncio.to_thread(migrate, settings)
        async with open_studio(settings) as studio:
            people = [await studio.register(f"person{number}") for number in range(PEOPLE)]
            for person in people:  # a connection kept over a pause may be closed at the moment it is used again
                person.http.headers["Connection"] = "close"
            await _measure(studio, people, postgres.superuser_url, max(5, rounds))


async def _measure(studio: Studio, people: list[Browser], superuser_url: str, rounds: int) -> None:
    """Rounds of all scenes in turn. The first of each teaches the speed, as the first jobs of any studio do."""
    promises: dict[str, list[Promise]] = {scene.name: [] for scene in SCENES}
    owner = make_engine(superuser_url, pool_size=1)
    for number in range(1 + rounds):
        for scene in SCENES:
            tell(f"round {number}/{rounds}: {scene.name}" if number else f"warming up: {scene.name}")
            async with owner.begin() as connection:  # another scene's speed is not this one's
                await connection.execute(text("UPDATE image_jobs SET model = 'past' WHERE model = 'plain'"))
            async with _workers(studio, scene):
                await _one_round(people, scene.arrivals_seconds, seed=-1, jobs=8)
                made = await _one_round(people, scene.arrivals_seconds, seed=number)
            promises[scene.name] += made if number else []
    await owner.dispose()
    tell("")
    _print(promises)


@asynccontextmanager
async def _workers(studio: Studio, scene: Scene) -> AsyncIterator[None]:
    async def work(service: WorkService) -> None:
        while True:
            await service.drain(lambda: False)
            await asyncio.sleep(0.02)

    async with AsyncExitStack() as stack:
        for number in range(scene.workers):
            service = make_work_service(studio.parts, TimedEngine(scene), f"{scene.name} {number}")
            for coroutine in (service.announce(), work(service)):
                task = asyncio.create_task(coroutine)
                stack.push_async_callback(_end, task)
        await asyncio.sleep(0.3)  # their cards are on the board
        studio.parts.views.forget_speeds()
        yield


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _one_round(
    people: list[Browser], arrivals_seconds: float, *, seed: int, jobs: int = JOBS_A_ROUND
) -> list[Promise]:
    rng = random.Random(seed)  # noqa: S311 (nothing is to be guessed)
    span = arrivals_seconds * jobs / JOBS_A_ROUND
    plan = sorted((rng.uniform(0, span), rng.choice(people), rng.choice(STEPS)) for _ in range(jobs))
    asked, began = [], time.monotonic()
    for at, person, steps in plan:
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        asked.append((person, await person.generate(steps=steps)))
    ended = [await _until_done(person, job["job_id"]) for person, job in asked]
    starts = sorted(_time(job["started_at"]) for job in ended)
    promises = []
    for (_, promised), job in zip(asked, ended, strict=True):
        if promised["eta_seconds"] is None or promised["status"] != "QUEUED":
            continue
        accepted, started = _time(job["created_at"]), _time(job["started_at"])
        before = sum(accepted < each < started for each in starts)
        took = (_time(job["finished_at"]) - accepted).total_seconds()
        promises.append(Promise(promised["eta_seconds"], took, promised["queue_position"] - 1, before))
    return promises


async def _until_done(person: Browser, job_id: str) -> dict[str, Any]:
    for _ in range(3000):
        job = await person.status(job_id)
        if job["finished_at"] is not None:
            assert job["status"] == "COMPLETED", job["error"]
            return job
        await asyncio.sleep(0.5)
    raise TimeoutError


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _print(promises: dict[str, list[Promise]]) -> None:
    rows = []
    for name, made in promises.items():
        errors = [abs(each.eta - each.took) for each in made]
        rows.append(
            (
                name,
                len(made),
                statistics.median(each.took for each in made),
                statistics.median(errors),
                statistics.median(error / each.took for error, each in zip(errors, made, strict=True)),
                statistics.median((each.eta - each.took) / each.took for each in made),
                statistics.mean(each.position for each in made),
                statistics.median(abs(each.position - each.started_before) for each in made),
            )
        )
    columns = (
        *("scene", "jobs", "took, s", "median error, s", "median error, share", "median bias, share"),
        *("jobs ahead, mean", "median error, jobs"),
    )
    print_table("What the 202 said against what happened", columns, rows)
