"""Attack 23: others' p99 while somebody sends too much, too slowly, too deep, or keeps streams open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import orjson

from bench.lib import http
from bench.lib.bystanders import p99, without_pause
from bench.lib.rounds import Measure, interleave
from bench.lib.servers import Person, open_servers
from bench.lib.tables import print_table, verdict

ALONE = "nothing"
MAX_TIMES = 2.0
ATTACKERS = 8
SLOW_BODIES, IDLE_STREAMS = 200, 10_000
MEGABYTE = 1_000_000
DEEP = b"[" * 100_000 + b"]" * 100_000
LONG = orjson.dumps({"prompt": "x" * 2 * MEGABYTE})

Attack = Callable[[], Awaitable[None]]


async def run(rounds: int) -> None:
    async with open_servers(body_seconds=5) as bench:
        people = await bench.people(9)
        attacker, others = people[0], people[1:]
        async with bench.api() as (child, port):
            attacks: dict[str, list[Attack]] = {
                "bodies of 100 MB": [partial(flood, port, attacker)] * ATTACKERS,
                "JSON 100,000 deep": [partial(send, port, attacker, DEEP)] * ATTACKERS,
                "prompts of 2 MB": [partial(send, port, attacker, LONG)] * ATTACKERS,
                f"{SLOW_BODIES} bodies that dawdle": [partial(dawdle, port, attacker)] * SLOW_BODIES,
            }

            async def during(name: str) -> float:
                async with without_pause(*attacks[name]):
                    await asyncio.sleep(0.5)
                    return await p99(port, others)

            async def with_streams() -> float:
                async with streams(port, attacker):
                    return await p99(port, others)

            turns: dict[str, Measure] = {
                ALONE: partial(p99, port, others),
                **{name: partial(during, name) for name in attacks},
                f"{IDLE_STREAMS:,} streams asked for": with_streams,
            }
            slow = await interleave(turns, rounds=max(5, rounds))
            megabytes = child.resident_bytes() / MEGABYTE
    rows = []
    for name in turns:
        ratio, (low, high) = slow.ratio(name, ALONE), slow.spread(name, ALONE)
        kept = verdict(ratio, MAX_TIMES) if name != ALONE else ""
        rows.append((name, slow.median(name) * 1000, ratio, f"{low:.2f} to {high:.2f}", kept))
    print_table(
        "Others' requests while one person sends without pause, one API process",
        ("meanwhile", "p99, ms", "ratio", "quartiles", "promise"),
        rows,
        f"The API holds {megabytes:.0f} MB afterwards.",
    )


async def send(port: int, person: Person, body: bytes) -> None:
    """One request, until its answer is here or the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(http.post("/api/v1/generate", body, person.token, Connection="close"))
        answer = await reader.read()
        assert not answer or answer[9:10] == b"4", answer[:200]
    finally:
        writer.close()


async def flood(port: int, person: Person) -> None:
    """In chunks, so that no length tells beforehand."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = http.post("/api/v1/generate", b"", person.token, Transfer_Encoding="chunked")
    try:
        writer.write(head.replace(b"Content-Length: 0\r\n", b""))
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _ in range(100 * MEGABYTE // 65536):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()


async def dawdle(port: int, person: Person) -> None:
    """A byte a second, for as long as the server waits."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(http.post("/api/v1/generate", b" " * 1000, person.token)[:-1000])
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b" ")
            await writer.drain()
            await asyncio.wait([ended], timeout=1)
    finally:
        writer.close()


@asynccontextmanager
async def streams(port: int, person: Person) -> AsyncIterator[None]:
    """As many event streams as one person is let have; the others are refused while the block runs."""
    request = http.get("/api/v1/events", person.token)
    async with AsyncExitStack() as stack:

        async def one() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")

        async def all_of_them() -> None:
            for _ in range(IDLE_STREAMS // 20):
                with suppress(OSError, asyncio.IncompleteReadError):
                    await asyncio.gather(*(one() for _ in range(20)))

        task = asyncio.create_task(all_of_them())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
