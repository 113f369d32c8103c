"""From commit to a worker's start, idle and at up to 200 jobs/s of a model that does nothing, against a bare BRPOP."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from bench.cases.accept import asked_by
from bench.lib import http
from bench.lib.rounds import Comparison, Measure, interleave
from bench.lib.servers import ROOT, Child, Servers, cpu_seconds_of_servers, open_servers, until
from bench.lib.tables import print_table, verdict

PEOPLE = 8
MAX_P50, MAX_P99 = 5.0, 10.0
LIST = "bench:dispatch"
BARE, EASEL, ANSWERED = "BRPOP", "Easel", "Easel, from COMMIT's answer"
# The ledger's entry was written by the accept and never since, so its transaction's commit is the accept's: the moment
# in which PostgreSQL writes the commit down, before it waits for the disk.
STARTS = """
    SELECT job.id, extract(epoch FROM job.started_at)::float8,
        extract(epoch FROM pg_xact_commit_timestamp(entry.xmin))::float8
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


@dataclass
class Turns:
    """What each turn has found: how long jobs waited, by load and by whom, and the CPU that one took."""

    bench: Servers
    api: Child
    port: int
    worker: Child
    requests: Iterator[bytes]
    redis: Any
    waits: dict[str, list[Spread]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[tuple[float, ...]]] = field(default_factory=lambda: defaultdict(list))

    async def bare(self, load: str) -> float:
        spread = await _brpop(self.bench, self.redis, LOADS[load])
        self.waits[f"{BARE}, {load}"].append(spread)
        return spread.p50

    async def easel(self, load: str) -> float:
        jobs = LOADS[load].jobs
        await self.bench.empty_queue()
        logged, before = self.api.log.stat().st_size, self._cpu_of_parts()
        await _send_paced(self.port, list(itertools.islice(self.requests, jobs)), LOADS[load])
        await until(lambda: _all_ended(self.bench), "every job has ended", every=0.2)
        used = tuple((now - then) / jobs for now, then in zip(self._cpu_of_parts(), before, strict=True))
        self.cpu[load].append(used)
        accepted = _accepted(self.api.log, logged)
        starts = [(str(job), started, committed) for job, started, committed in await self.bench.rows(STARTS)]
        from_answer = Spread.of([started - accepted[job] for job, started, _ in starts])
        from_commit = Spread.of([started - committed for _, started, committed in starts])
        self.waits[f"{ANSWERED}, {load}"].append(from_answer)
        self.waits[f"{EASEL}, {load}"].append(from_commit)
        return from_commit.p50

    def _cpu_of_parts(self) -> tuple[float, ...]:
        servers = (cpu_seconds_of_servers("postgres"), cpu_seconds_of_servers("redis"))
        return self.api.cpu_seconds(), self.worker.cpu_seconds(), *servers


async def run(rounds: int) -> None:
    async with open_servers() as bench, bench.api() as (api, port):
        with bench.worker() as worker, bench.upkeep():
            people = await bench.people(PEOPLE, organizations=PEOPLE)
            requests = asked_by(people)
            await _first_job(bench, port, next(requests))
            async with Redis.from_url(bench.redis.url, socket_timeout=None) as redis:
                turns = Turns(bench, api, port, worker, requests, redis)
                measures: dict[str, Measure] = {}
                for load in LOADS:
                    measures[f"{BARE}, {load}"] = partial(turns.bare, load)
                    measures[f"{EASEL}, {load}"] = partial(turns.easel, load)
                comparison = await interleave(measures, rounds=max(5, rounds))
    show(turns, counted=len(comparison.samples[f"{BARE}, idle"]))


def show(turns: Turns, *, counted: int) -> None:
    """Of the last `counted` turns."""
    p50, p99 = (
        Comparison({name: [getattr(each, which) for each in found[-counted:]] for name, found in turns.waits.items()})
        for which in ("p50", "p99")
    )
    rows = []
    for load, who in itertools.product(LOADS, (BARE, EASEL, ANSWERED)):
        name, bare = f"{who}, {load}", f"{BARE}, {load}"
        middle, tail = p50.ratio(name, bare), p99.ratio(name, bare)
        rows.append(
            (
                name,
                p50.median(name) * 1000,
                middle,
                "" if who is BARE else verdict(middle, MAX_P50),
                p99.median(name) * 1000,
                tail,
                "" if who is BARE else verdict(tail, MAX_P99),
            )
        )
    columns = ("dispatch", "p50, ms", "× BRPOP", "promise", "p99, ms", "× BRPOP", "promise")
    print_table("From commit to start", columns, rows)
    parts = [(load, *map(statistics.median, zip(*found[-counted:], strict=True))) for load, found in turns.cpu.items()]
    milliseconds = [(load, *(each * 1000 for each in used), sum(used) * 1000) for load, *used in parts]
    print_table("CPU a job, ms", ("load", "API", "worker", "PostgreSQL", "Redis", "sum"), milliseconds)


async def _brpop(bench: Servers, redis: Any, load: Load) -> Spread:
    """One process pushes, as the API does, and another one pops, as a worker does: the least that could be."""
    command = ("-m", "bench.contenders.popper", bench.redis.url, LIST, str(load.jobs))
    popper = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=bench.environment(), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert popper.stdout is not None
        await popper.stdout.readline()  # it is ready
        began = time.perf_counter()
        for number in range(load.jobs):
            await asyncio.sleep(max(0.0, began + number / load.a_second - time.perf_counter()))
            await redis.lpush(LIST, repr(time.time()))
        return Spread.of([float(word) for word in (await popper.stdout.read()).split()])
    finally:
        if popper.returncode is None:
            popper.terminate()
        await popper.wait()


async def _send_paced(port: int, requests: list[bytes], load: Load) -> None:
    """At the load's pace, or as fast as the API takes them."""
    began = time.perf_counter()

    async def lane(number: int) -> None:
        line = http.Line(port)
        for at in range(number, len(requests), load.lanes):
            await asyncio.sleep(max(0.0, began + at / load.a_second - time.perf_counter()))
            await line.ask(requests[at], 202)
        line.close()

    await asyncio.gather(*(lane(number) for number in range(load.lanes)))


def _accepted(log: Path, begin: int) -> dict[str, float]:
    """When the API knew that each job is committed, in epoch seconds, from its log: what it does first is to ring."""
    with log.open("rb") as file:
        file.seek(begin)
        lines = [orjson.loads(line) for line in file if b'"job_accepted"' in line]
    return {line["job_id"]: datetime.fromisoformat(line["timestamp"]).timestamp() for line in lines}


async def _first_job(bench: Servers, port: int, request: bytes) -> None:
    """Worker and model are there once a job has ended."""
    await http.send_all(port, [request], connections=1, expected=202)
    await until(lambda: _all_ended(bench), "the worker has run its first job")


async def _all_ended(bench: Servers) -> bool:
    return bool(await bench.value("SELECT count(*) = 0 FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING')"))
