"""From commit to a worker's start, idle and at up to 200 jobs/s of a model that does nothing, against a bare BRPOP."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from redis.asyncio import Redis

from bench.cases.accept import asked_by
from bench.lib import http
from bench.lib.rounds import Comparison, Measure, interleave
from bench.lib.servers import Servers, cpu_seconds_of_servers, open_servers, until
from bench.lib.tables import print_table, verdict

PEOPLE = 8
MAX_P50, MAX_P99 = 5.0, 10.0
LIST = "bench:dispatch"
BARE, EASEL = "BRPOP", "Easel"
# The ledger's entry was written by the accept and never since, so its transaction's commit is the accept's: the moment
# in which PostgreSQL writes the commit down, before it waits for the disk.
WAITS = """
    SELECT extract(epoch FROM job.started_at - pg_xact_commit_timestamp(entry.xmin))::float8
    FROM image_jobs AS job JOIN ledger_entries AS entry
        ON entry.organization_id = job.organization_id AND entry.job_id = job.id AND entry.kind = 'reserve'
"""


@dataclass(frozen=True)
class Load:
    """So many jobs, so many a second, over so many connections."""

    jobs: int
    a_second: float
    lanes: int = 8


LOADS = {
    "idle": Load(40, 1 / 0.15, lanes=1),
    "100/s": Load(400, 100),
    "150/s": Load(450, 150),
    "200/s": Load(600, 200),
}


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
    async with open_servers() as bench, bench.api() as (api, port):
        with bench.worker() as worker, bench.upkeep():
            people = await bench.people(PEOPLE, organizations=PEOPLE)
            requests = asked_by(people)
            await _first_job(bench, port, next(requests))
            waits: dict[str, list[Spread]] = {}
            cpu: dict[str, list[tuple[float, ...]]] = {}

            def cpu_of_parts() -> tuple[float, ...]:
                servers = (cpu_seconds_of_servers("postgres"), cpu_seconds_of_servers("redis"))
                return api.cpu_seconds(), worker.cpu_seconds(), *servers

            async def easel(load: str) -> Spread:
                jobs = LOADS[load].jobs
                await bench.empty_queue()
                before = cpu_of_parts()
                await _send_paced(port, list(itertools.islice(requests, jobs)), LOADS[load])
                await until(lambda: _all_ended(bench), "every job has ended", every=0.2)
                used = tuple((now - then) / jobs for now, then in zip(cpu_of_parts(), before, strict=True))
                cpu.setdefault(load, []).append(used)
                return Spread.of([float(row[0]) for row in await bench.rows(WAITS)])

            async with Redis.from_url(bench.redis.url, socket_timeout=None) as redis:
                measures: dict[str, Measure] = {}
                for name, load in LOADS.items():
                    for who, measure in ((BARE, partial(_brpop, redis, load)), (EASEL, partial(easel, name))):
                        key = f"{who}, {name}"
                        measures[key] = _keeping(waits.setdefault(key, []), measure)
                comparison = await interleave(measures, rounds=max(5, rounds))
    show(comparison, waits, cpu)


def _keeping(kept: list[Spread], measure: Callable[[], Awaitable[Spread]]) -> Callable[[], Awaitable[float]]:
    async def measured() -> float:
        kept.append(await measure())
        return kept[-1].p50

    return measured


def show(p50: Comparison, waits: dict[str, list[Spread]], cpu: dict[str, list[tuple[float, ...]]]) -> None:
    counted = len(next(iter(p50.samples.values())))
    p99 = Comparison({name: [each.p99 for each in found[-counted:]] for name, found in waits.items()})
    rows = []
    for name in p50.samples:
        bare, ours = name.replace(EASEL, BARE), name.startswith(EASEL)
        middle, tail = p50.ratio(name, bare), p99.ratio(name, bare)
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
    parts = [(load, *map(statistics.median, zip(*found[-counted:], strict=True))) for load, found in cpu.items()]
    milliseconds = [(load, *(each * 1000 for each in used), sum(used) * 1000) for load, *used in parts]
    print_table("CPU a job, ms", ("load", "API", "worker", "PostgreSQL", "Redis", "sum"), milliseconds)


async def _brpop(redis: Any, load: Load) -> Spread:
    """One process pushes, another one pops; here both are this one, on two connections: the least that could be."""
    waits: list[float] = []

    async def take() -> None:
        for _ in range(load.jobs):
            _, sent = await redis.brpop([LIST])
            waits.append(time.time() - float(sent))

    taking = asyncio.create_task(take())
    began = time.perf_counter()
    for number in range(load.jobs):
        await asyncio.sleep(max(0.0, began + number / load.a_second - time.perf_counter()))
        await redis.lpush(LIST, repr(time.time()))
    await taking
    return Spread.of(waits)


async def _send_paced(port: int, requests: list[bytes], load: Load) -> None:
    """At the load's pace, or as fast as the API takes them."""
    began = time.perf_counter()

    async def lane(number: int) -> None:
        for at in range(number, len(requests), load.lanes):
            await asyncio.sleep(max(0.0, began + at / load.a_second - time.perf_counter()))
            await http.send_all(port, [requests[at]], connections=1, expected=202)

    await asyncio.gather(*(lane(number) for number in range(load.lanes)))


async def _first_job(bench: Servers, port: int, request: bytes) -> None:
    """Worker and model are there once a job has ended."""
    await http.send_all(port, [request], connections=1, expected=202)
    await until(lambda: _all_ended(bench), "the worker has run its first job")


async def _all_ended(bench: Servers) -> bool:
    return bool(await bench.value("SELECT count(*) = 0 FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING')"))
