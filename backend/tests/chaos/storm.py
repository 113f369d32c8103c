"""A storm: everything is killed, frozen, flushed and refused at random while people work.

Seeded: the same seed gives the same decisions, each kind of trouble from a generator of its own. What the machine makes
of them in time differs, so a run is repeatable in kind, not in its last detail.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx
import psutil
from redis.exceptions import RedisError

from tests.chaos.ledger import Account, hold_account
from tests.support.real_studio import LEASE_SECONDS, Maker, Part, RealStudio

UP_SECONDS = 60.0
QUEUE_KEY = "easel:celery:easel.generate"


@dataclass(frozen=True)
class Plan:
    """`kills` of each kind, about `pause_seconds` apart in each lane."""

    seed: int
    jobs: int
    people: int
    organizations: int
    kills: int
    pause_seconds: float


SHORT = Plan(seed=4, jobs=60, people=20, organizations=4, kills=3, pause_seconds=6)
FULL = Plan(seed=4, jobs=400, people=20, organizations=4, kills=42, pause_seconds=9)
OTHER_TROUBLES = (
    "pool child killed",
    "whole worker killed",
    "upkeep killed",
    "worker frozen past its lease",
    "redis flushed",
    "messages doubled",
    "messages dropped",
    "storage 500",
    "storage 503",
    "storage full",
    "storage hang",
    "storage torn",
)
"""Beside the four kinds of kills; each of them happens in the full run."""


@dataclass
class Report:
    plan: Plan
    troubles: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    settled_seconds: float = 0.0
    account: Account | None = None
    attempts: dict[int, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> str:
        assert self.account is not None
        facts: dict[str, Any] = {
            "seed": self.plan.seed,
            "people": self.plan.people,
            "organizations": self.plan.organizations,
            "seconds": round(self.seconds, 1),
            "settled_after_seconds": round(self.settled_seconds, 1),
            "troubles": dict(sorted(self.troubles.items())),
            "answers": dict(sorted(self.answers.items())),
            "jobs": dict(sorted(self.account.statuses.items())),
            "images": self.account.images,
            "orphans_swept": self.account.orphans_swept,
            "jobs_by_attempts": self.attempts,
            "failed_because": self.errors,
        }
        return json.dumps(facts)


class Storm:
    def __init__(self, studio: RealStudio, plan: Plan) -> None:
        self.studio = studio
        self.plan = plan
        self.report = Report(plan)
        self._raging = True

    async def run(self) -> Report:
        studio, plan, began = self.studio, self.plan, time.monotonic()
        makers = await studio.people(plan.people, plan.organizations)
        lanes = [self._kill_postgres(), self._kill_redis(), self._kill_apis(), self._kill_workers()]
        others = [self._freeze_workers(), self._flush_redis(), self._trouble_messages(), self._trouble_storage()]
        side = [asyncio.create_task(lane) for lane in others]
        work = [asyncio.create_task(self._make(maker, number)) for number, maker in enumerate(makers)]
        await asyncio.gather(*lanes)
        self._raging = False
        await asyncio.gather(*side)
        await studio.make_whole()
        await asyncio.gather(*work)
        self.report.settled_seconds = await studio.until_all_ended(300)
        self.report.seconds = time.monotonic() - began
        self.report.account = await hold_account(studio, makers)
        rows = await studio.rows("SELECT attempt, count(*) AS jobs FROM image_jobs GROUP BY attempt ORDER BY attempt")
        self.report.attempts = {row.attempt: row.jobs for row in rows}
        rows = await studio.rows("SELECT error_code, count(*) AS n FROM image_jobs WHERE error_code <> '' GROUP BY 1")
        self.report.errors = {row.error_code: row.n for row in rows}
        return self.report

    def _rng(self, lane: str) -> random.Random:
        return random.Random(f"{self.plan.seed} {lane}")

    async def _pause(self, rng: random.Random) -> None:
        await asyncio.sleep(self.plan.pause_seconds * rng.uniform(0.4, 1.6))

    # People

    async def _make(self, maker: Maker, number: int) -> None:
        rng = self._rng(f"maker {number}")
        span = self.plan.pause_seconds * self.plan.kills * 1.3
        count = self.plan.jobs // self.plan.people
        for job in range(count):
            await asyncio.sleep(rng.uniform(0.2, 1.8) * span / count)
            key = None if rng.random() < 0.2 else f"storm-{job}"
            body = {"steps": rng.randint(2, 20), "num_images": rng.choice([1, 1, 1, 2]), "seed": rng.randrange(2**32)}
            await self._ask_until_answered(maker, rng, key, body)
            if rng.random() < 0.1 and maker.accepted:
                await self._cancel(maker, rng.choice(maker.accepted), rng)

    async def _ask_until_answered(
        self, maker: Maker, rng: random.Random, key: str | None, body: dict[str, Any]
    ) -> None:
        while True:
            try:
                answer = await self.studio.submit(maker, key=key, api=rng.randrange(2), **body)
            except httpx.HTTPError as error:
                self.report.answers[type(error).__name__] += 1
            else:
                self.report.answers[str(answer.status_code)] += 1
                if answer.status_code in {200, 202}:
                    return
                assert answer.status_code == 503, f"{answer.status_code}: {answer.text}"
            await asyncio.sleep(rng.uniform(0.3, 1.5))

    async def _cancel(self, maker: Maker, job_id: str, rng: random.Random) -> None:
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
                url = f"{self.studio.url(rng.randrange(2))}/api/v1/jobs/{job_id}/cancel"
                self.report.answers[f"cancel {(await http.post(url, headers=maker.headers)).status_code}"] += 1

    # Troubles

    async def _kill_postgres(self) -> None:
        rng = self._rng("postgres")
        for _ in range(self.plan.kills):
            await self._pause(rng)
            await self.studio.kill_postgres()
            self.report.troubles["postgres killed"] += 1
            await asyncio.sleep(rng.uniform(0, 1))
            await self.studio.start_postgres()

    async def _kill_redis(self) -> None:
        rng = self._rng("redis")
        for _ in range(self.plan.kills):
            await self._pause(rng)
            await self.studio.kill_redis()
            self.report.troubles["redis killed"] += 1
            await asyncio.sleep(rng.uniform(0, 2))
            await self.studio.start_redis()

    async def _kill_apis(self) -> None:
        rng = self._rng("api")
        for _ in range(self.plan.kills):
            await self._pause(rng)
            api = rng.choice(self.studio.apis)
            await self._until_up(api, b"api_started")
            await asyncio.to_thread(api.kill)
            self.report.troubles["api killed"] += 1
            api.start()

    async def _kill_workers(self) -> None:
        rng = self._rng("worker")
        for _ in range(self.plan.kills):
            await self._pause(rng)
            worker = rng.choice(self.studio.workers)
            await self._until_up(worker, b" ready.")
            children = worker.children()
            if children and rng.random() < 0.4:
                with suppress(psutil.NoSuchProcess, ProcessLookupError):
                    os.kill(rng.choice(children).pid, signal.SIGKILL)
                self.report.troubles["pool child killed"] += 1
            else:
                await asyncio.to_thread(worker.kill)
                worker.start()
                self.report.troubles["whole worker killed"] += 1
            self.report.troubles["worker killed"] += 1
            if rng.random() < 0.1:
                await asyncio.to_thread(self.studio.upkeep.kill)
                self.studio.upkeep.start()
                self.report.troubles["upkeep killed"] += 1

    async def _until_up(self, part: Part, words: bytes) -> None:
        """What is still starting does no work that a kill could spoil. Not waited for without end: it may be frozen."""
        with suppress(TimeoutError):
            async with asyncio.timeout(UP_SECONDS):
                while not part.has_said(words):  # noqa: ASYNC110 (another process's log)
                    await asyncio.sleep(0.2)

    async def _freeze_workers(self) -> None:
        rng = self._rng("freeze")
        while self._raging:
            await self._pause(rng)
            worker = rng.choice(self.studio.workers)
            with suppress(ProcessLookupError):
                worker.freeze()
                self.report.troubles["worker frozen past its lease"] += 1
            await asyncio.sleep(LEASE_SECONDS + rng.uniform(0.5, 2))
            worker.thaw()
            await self._pause(rng)

    async def _flush_redis(self) -> None:
        rng = self._rng("flush")
        while self._raging:
            await self._pause(rng)
            with suppress(RedisError, OSError):
                await self.studio.flush_redis()
                self.report.troubles["redis flushed"] += 1

    async def _trouble_messages(self) -> None:
        """Wake-ups doubled and dropped."""
        rng = self._rng("messages")
        while self._raging:
            await asyncio.sleep(rng.uniform(0.2, 1))
            with suppress(RedisError, OSError):
                async with self.studio.redis_client() as redis:
                    if rng.random() < 0.5:
                        waiting = await redis.lrange(QUEUE_KEY, 0, 10)  # type: ignore[misc]
                        if waiting:
                            await redis.rpush(QUEUE_KEY, *waiting)  # type: ignore[misc]
                            self.report.troubles["messages doubled"] += len(waiting)
                    else:
                        self.report.troubles["messages dropped"] += await redis.llen(QUEUE_KEY)  # type: ignore[misc]
                        await redis.delete(QUEUE_KEY)

    async def _trouble_storage(self) -> None:
        rng = self._rng("storage")
        modes = ["503", "500", "full", "hang", "torn"]
        rng.shuffle(modes)
        for mode in cycle(modes):
            await self._pause(rng)
            if not self._raging:
                return
            before = self.studio.proxy.troubles[mode]
            self.studio.proxy.mode = mode
            await asyncio.sleep(rng.uniform(0.5, 3))
            self.studio.proxy.mode = "ok"
            self.report.troubles[f"storage {mode}"] += self.studio.proxy.troubles[mode] - before
