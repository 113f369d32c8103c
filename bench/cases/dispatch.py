"""From commit to a worker's start, idle and at 200 jobs/s of a model that does nothing, against a bare Redis BRPOP."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bench.cases.accept import asked_by
from bench.lib import http
from bench.lib.rounds import Comparison, interleave
from bench.lib.servers import Servers, open_servers, until
from bench.lib.tables import print_table, verdict

IDLE_JOBS, IDLE_GAP = 40, 0.15
LOADED_JOBS, JOBS_A_SECOND, LANES = 600, 200, 8
PEOPLE = 8
MAX_P50, MAX_P99 = 5.0, 10.0
LIST = "bench:dispatch"
# The ledger's entry was written by the accept and never since, so its transaction's commit is the accept's: the moment
# in which PostgreSQL writes the commit down, before it waits for the disk.
WAITS = """
    SELECT extract(epoch FROM job.started_at - pg_xact_commit_timestamp(entry.xmin))::float8
    FROM image_jobs AS job JOIN ledger_entries AS entry
        ON entry.organization_id = job.organization_id AND entry.job_id = job.id AND entry.kind = 'reserve'
"""


@dataclass(frozen=True)
class Spread:
    """Seconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))])


async def run(rounds: int) -> None:
    async with open_servers() as bench, bench.api() as (_, port):
        with bench.worker(), bench.upkeep():
            people = await bench.people(PEOPLE, organizations=PEOPLE)
            requests = asked_by(people)
            await _first_job(bench, port, next(requests))
            waits: dict[str, list[Spread]] = {}

            async def easel(count: int, a_second: float, lanes: int) -> Spread:
                await bench.empty_queue()
                await _send_paced(port, list(itertools.islice(requests, count)), a_second, lanes)
                await until(lambda: _all_ended(bench), "every job has ended")
                return Spread.of([float(row[0]) for row in await bench.rows(WAITS)])

            async with Redis.from_url(bench.redis.url, socket_timeout=None) as redis:
                contenders = {
                    "BRPOP, idle": lambda: _brpop(redis, IDLE_JOBS, 1 / IDLE_GAP),
                    "Easel, idle": lambda: easel(IDLE_JOBS, 1 / IDLE_GAP, 1),
                    "BRPOP, 200/s": lambda: _brpop(redis, LOADED_JOBS, JOBS_A_SECOND),
                    "Easel, 200/s": lambda: easel(LOADED_JOBS, JOBS_A_SECOND, LANES),
                }
                measures = {name: _keeping(waits.setdefault(name, []), each) for name, each in contenders.items()}
                comparison = await interleave(measures, rounds=max(5, rounds))
    show(comparison, waits)


def _keeping(kept: list[Spread], measure: Callable[[], Awaitable[Spread]]) -> Callable[[], Awaitable[float]]:
    async def measured() -> float:
        kept.append(await measure())
        return kept[-1].p50

    return measured


def show(p50: Comparison, waits: dict[str, list[Spread]]) -> None:
    counted = len(next(iter(p50.samples.values())))
    p99 = Comparison({name: [each.p99 for each in found[-counted:]] for name, found in waits.items()})
    rows = []
    for load in ("idle", "200/s"):
        bare, easel = f"BRPOP, {load}", f"Easel, {load}"
        for name in (bare, easel):
            middle, tail = p50.ratio(name, bare), p99.ratio(name, bare)
            ours = name == easel
            rows.append(
                (
                    name,
                    p50.median(name) * 1000,
                    middle,
                    verdict(middle, MAX_P50) if ours else "",
                    p99.median(name) * 1000,
                    tail,
                    verdict(tail, MAX_P99) if ours else "",
                )
            )
    columns = ("dispatch", "p50, ms", "× BRPOP", "promise", "p99, ms", "× BRPOP", "promise")
    print_table("From commit to start", columns, rows)


async def _brpop(redis: Any, count: int, a_second: float) -> Spread:
    """One process pushes, another one pops; here both are this one, on two connections: the least that could be."""
    waits: list[float] = []

    async def take() -> None:
        for _ in range(count):
            _, sent = await redis.brpop([LIST])
            waits.append(time.time() - float(sent))

    taking = asyncio.create_task(take())
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
        await redis.lpush(LIST, repr(time.time()))
    await taking
    return Spread.of(waits)


async def _send_paced(port: int, requests: list[bytes], a_second: float, lanes: int) -> None:
    """So many a second over `lanes` connections, or as fast as the API takes them."""
    began = time.perf_counter()

    async def lane(number: int) -> None:
        for at in range(number, len(requests), lanes):
            await asyncio.sleep(max(0.0, began + at / a_second - time.perf_counter()))
            await http.send_all(port, [requests[at]], connections=1, expected=202)

    await asyncio.gather(*(lane(number) for number in range(lanes)))


async def _first_job(bench: Servers, port: int, request: bytes) -> None:
    """Worker and model are there once a job has ended."""
    await http.send_all(port, [request], connections=1, expected=202)
    await until(lambda: _all_ended(bench), "the worker has run its first job")


async def _all_ended(bench: Servers) -> bool:
    return bool(await bench.value("SELECT count(*) = 0 FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING')"))
