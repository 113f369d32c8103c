"""From a job's end to its event at the client: one open stream against a thousand, and what a stream costs."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from redis.asyncio import Redis

from app.core.enums import EventType
from app.integrations.events import EventBus
from app.integrations.scripts import ScriptLine
from app.services.announcements import job_channel
from bench.lib import http
from bench.lib.rounds import Measure, interleave
from bench.lib.servers import Child, Person, Servers, open_servers
from bench.lib.tables import print_table, verdict

STREAMS = 1000
EVENTS_A_TURN, GAP_SECONDS = 40, 0.02
FILLER = "x" * 1200
"""With this an event is about as long as one that carries a whole job."""
MAX_RATIO, MAX_KIB = 1.5, 40.0
OPENING_AT_ONCE, EVENT_SECONDS = 20, 30.0
MARK = b'"sent":'


@dataclass
class Audience:
    """An API process and the streams that it serves, each of another person."""

    child: Child
    port: int
    people: list[Person]
    heard: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    kib_a_stream: float = 0.0
    connections: tuple[int, int] = (0, 0)
    """To Redis from everybody: with one stream open, and with all."""

    async def gather(self, redis: Any, stack: AsyncExitStack) -> None:
        await self._listen(self.people[0], stack)
        before, fewest = self.child.resident_bytes(), len(await redis.client_list())
        rest = self.people[1:]
        for at in range(0, len(rest), OPENING_AT_ONCE):
            await asyncio.gather(*(self._listen(person, stack) for person in rest[at : at + OPENING_AT_ONCE]))
        await asyncio.sleep(1)
        self.connections = fewest, len(await redis.client_list())
        if rest:
            self.kib_a_stream = (self.child.resident_bytes() - before) / len(rest) / 1024

    async def _listen(self, person: Person, stack: AsyncExitStack) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(http.get("/api/v1/events", person.token))
        head = await reader.readuntil(b": connected\n\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise http.Refused(head.decode(errors="replace"))
        task = asyncio.create_task(self._hear(reader))
        stack.callback(writer.close)
        stack.callback(task.cancel)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if (at := line.find(MARK)) >= 0:
                self.heard.put_nowait(time.time() - float(line[at + len(MARK) : line.index(b",", at)]))

    async def turn(self, bus: EventBus) -> float:
        """Median seconds from telling the bus, as a worker does after its commit, to the client's socket."""
        waits = []
        for number in range(EVENTS_A_TURN):
            person = self.people[number * 37 % len(self.people)]
            channel = job_channel(person.organization_id, person.user_id)
            data = f'{{"sent":{time.time()!r},"filler":"{FILLER}"}}'
            await bus.publish(channel, EventType.JOB_COMPLETED, data)
            async with asyncio.timeout(EVENT_SECONDS):
                waits.append(await self.heard.get())
            await asyncio.sleep(GAP_SECONDS)
        return statistics.median(waits)


async def run(rounds: int) -> None:
    async with open_servers() as bench, AsyncExitStack() as stack:
        people = await bench.people(STREAMS, organizations=20)
        redis = await stack.enter_async_context(Redis.from_url(bench.redis.url))
        scripts = ScriptLine(redis)
        stack.push_async_callback(scripts.close)
        bus = EventBus(redis, scripts)
        stack.push_async_callback(bus.close)
        one, many = "1 stream", f"{STREAMS} streams"
        audiences = {one: await _audience(bench, stack, people[:1]), many: await _audience(bench, stack, people)}
        for audience in audiences.values():
            await audience.gather(redis, stack)
        turns: dict[str, Measure] = {name: partial(each.turn, bus) for name, each in audiences.items()}
        waits = await interleave(turns, rounds=max(5, rounds))
        ratio = waits.ratio(many, one)
        low, high = waits.spread(many, one)
        kib, (fewest, most) = audiences[many].kib_a_stream, audiences[many].connections
        rows = [
            (one, waits.median(one) * 1000, 1.0, "", "", ""),
            (
                many,
                waits.median(many) * 1000,
                ratio,
                f"{low:.2f} to {high:.2f}",
                verdict(ratio, MAX_RATIO),
                f"{kib:.1f}, {verdict(kib, MAX_KIB)}",
            ),
        ]
        columns = ("open in a process", "p50, ms", "ratio", "quartiles", "promise", "KiB a stream")
        note = f"Connections to Redis, all processes: {fewest} with one stream open, {most} with {STREAMS}."
        print_table("From the end of a job to its event at the client", columns, rows, note)


async def _audience(bench: Servers, stack: AsyncExitStack, people: list[Person]) -> Audience:
    child, port = await stack.enter_async_context(bench.api())
    return Audience(child, port, people)
