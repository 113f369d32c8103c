"""POST /api/v1/generate with all checks: Easel against the naive design and against bare ASGI on asyncpg."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

import orjson

from app.core.ids import new_id
from bench.lib import http, throwaway
from bench.lib.rounds import Comparison, Measure, interleave
from bench.lib.servers import Child, Person, Servers, open_servers
from bench.lib.tables import print_table, verdict

EASEL, BARE, NAIVE = "Easel, all checks", "bare ASGI, asyncpg, same SQL", "naive: sync, ORM, .delay()"
PATH = "/api/v1/generate"
REQUESTS, CONNECTIONS = 200, 16
PEOPLE, ORGANIZATIONS = 8, 8
MIN_TIMES_NAIVE, MAX_TIMES_BARE, MAX_FLUSHES = 5.0, 2.5, 1.0
STATISTICS_SECONDS = 12.0
"""A PostgreSQL process that is idle tells its figures within ten seconds."""


@dataclass
class Contender:
    """One API process, and the figures of each of its turns."""

    child: Child
    port: int
    cpu: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    async def turn(self, bench: Servers, requests: Iterator[bytes]) -> float:
        """Seconds a request."""
        await bench.empty_queue("naive_jobs")
        batch = list(itertools.islice(requests, REQUESTS))
        cpu, began = self.child.cpu_seconds(), time.perf_counter()
        took = await http.send_all(self.port, batch, connections=CONNECTIONS, expected=202)
        seconds = (time.perf_counter() - began) / REQUESTS
        self.cpu.append((self.child.cpu_seconds() - cpu) / REQUESTS)
        self.latencies.append(statistics.median(took))
        return seconds


async def run(rounds: int) -> None:
    psycopg = throwaway.install("psycopg[binary]==3.3.9")
    async with open_servers() as bench, AsyncExitStack() as stack:
        people = await bench.people(PEOPLE, organizations=ORGANIZATIONS)
        requests = asked_by(people)
        url = bench.postgres.url.replace("postgresql://", "postgresql+psycopg://")
        naive = bench.web("bench.contenders.naive:app", PYTHONPATH=str(psycopg), NAIVE_DATABASE_URL=url)
        contenders = {
            EASEL: Contender(*await stack.enter_async_context(bench.api())),
            BARE: Contender(*await stack.enter_async_context(bench.web("bench.contenders.bare:app"))),
            NAIVE: Contender(*await stack.enter_async_context(naive)),
        }
        turns: dict[str, Measure] = {name: partial(each.turn, bench, requests) for name, each in contenders.items()}
        wall = await interleave(turns, rounds=max(5, rounds))
        flushes = await flushes_an_accept(bench, contenders[EASEL], requests)
    show(wall, contenders, flushes)


def show(wall: Comparison, contenders: dict[str, Contender], flushes: float) -> None:
    counted = len(wall.samples[EASEL])
    cpu = Comparison({name: each.cpu[-counted:] for name, each in contenders.items()})
    promises = {
        EASEL: f"{verdict(wall.ratio(NAIVE, EASEL), MIN_TIMES_NAIVE, at_most=False)} as many as naive",
        BARE: f"{verdict(cpu.ratio(EASEL, BARE), MAX_TIMES_BARE)} its CPU",
        NAIVE: "",
    }
    rows = []
    for name, each in contenders.items():
        low, high = cpu.spread(name, BARE)
        rows.append(
            (
                name,
                1 / wall.median(name),
                wall.ratio(NAIVE, name),
                statistics.median(each.latencies[-counted:]) * 1000,
                cpu.median(name) * 1e6,
                cpu.ratio(name, BARE),
                f"{low:.2f} to {high:.2f}",
                promises[name],
            )
        )
    columns = ("API", "requests/s", "× naive", "p50, ms", "CPU, µs", "× bare CPU", "quartiles", "promise")
    print_table(
        f"Accept: {REQUESTS} requests a turn, {CONNECTIONS} connections, one process each",
        columns,
        rows,
        f"WAL flushes an accept, one at a time: {flushes:.2f}, {verdict(flushes, MAX_FLUSHES)}.",
    )


async def flushes_an_accept(bench: Servers, easel: Contender, requests: Iterator[bytes]) -> float:
    """One at a time, so that no commit shares another's flush."""
    counted = """
        SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'
    """
    await bench.empty_queue()
    await asyncio.sleep(STATISTICS_SECONDS)
    before = await bench.value(counted)
    batch = list(itertools.islice(requests, REQUESTS))
    await http.send_all(easel.port, batch, connections=1, expected=202)
    await asyncio.sleep(STATISTICS_SECONDS)
    return float(await bench.value(counted) - before) / REQUESTS


def asked_by(people: list[Person]) -> Iterator[bytes]:
    """Endlessly, everybody in turn, each time with another prompt."""
    for number in itertools.count():
        person = people[number % len(people)]
        body = orjson.dumps({"prompt": f"a red rocket, number {number}", "steps": 4})
        ids = {"X_Organization": person.organization_id, "X_User": person.user_id}
        ids["Idempotency_Key"] = new_id()
        yield http.post(PATH, body, person.token, **ids)
