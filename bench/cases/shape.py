"""Attack 23: others' p99 while somebody sends too much, too slowly, too deep, or keeps streams open.

The attacker is on the same machine and takes processor time by itself, so each attack is also aimed at a bare sink
while the same others ask the same API. The sink answers at once, so an attacker gets round more often there than at the
API, which holds its refusals back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import orjson

from bench.lib import http
from bench.lib.bystanders import p99, without_pause
from bench.lib.rounds import Comparison, Measure, interleave
from bench.lib.servers import Person, open_servers
from bench.lib.tables import print_table, verdict

ALONE = "nothing"
MAX_TIMES = 2.0
AT_THE_SINK = ", at the sink"
ATTACKERS, MANY_ATTACKERS = 8, 400
SLOW_BODIES, IDLE_STREAMS = 200, 10_000
MEGABYTE = 1_000_000
DEEP = b"[" * 100_000 + b"]" * 100_000
LONG = orjson.dumps({"prompt": "x" * 2 * MEGABYTE})

Attack = Callable[[int, Person], Awaitable[None]]


async def run(rounds: int) -> None:
    async with open_servers(body_seconds=5) as bench:
        people = await bench.people(9)
        attacker, others = people[0], people[1:]
        async with bench.api() as (child, port), bench.sink() as sink:

            async def others_alone() -> float:
                return await p99(port, others)

            async def during(attack: Attack, target: int, at_once: int) -> float:
                async with without_pause(*[partial(attack, target, attacker)] * at_once):
                    await asyncio.sleep(0.5)
                    return await p99(port, others)

            turns: dict[str, Measure] = {ALONE: others_alone}
            for name, (attack, at_once) in ATTACKS.items():
                turns[name] = partial(during, attack, port, at_once)
                turns[name + AT_THE_SINK] = partial(during, attack, sink, at_once)
            slow = await interleave(turns, rounds=max(5, rounds))
            megabytes = child.resident_bytes() / MEGABYTE
    print_table(
        "Others' requests while one person sends without pause, one API process",
        ("meanwhile", "p99, ms", "× nothing", "quartiles", "promise", "× at a bare sink", "quartiles"),
        [_row(slow, name) for name in (ALONE, *ATTACKS)],
        f"The API holds {megabytes:.0f} MB afterwards. The sink answers whoever connects, and reads nothing.",
    )


def _row(slow: Comparison, name: str) -> tuple[object, ...]:
    milliseconds = slow.median(name) * 1000
    if name == ALONE:
        return (name, milliseconds, 1.0, "", "", "", "")
    ratio, sunk = slow.ratio(name, ALONE), name + AT_THE_SINK
    kept = verdict(ratio, MAX_TIMES)
    return (
        name,
        milliseconds,
        ratio,
        _quartiles(slow, name, ALONE),
        kept,
        slow.ratio(name, sunk),
        _quartiles(slow, name, sunk),
    )


def _quartiles(slow: Comparison, name: str, baseline: str) -> str:
    low, high = slow.spread(name, baseline)
    return f"{low:.2f} to {high:.2f}"


async def send(port: int, person: Person, *, body: bytes) -> None:
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
    ended = asyncio.create_task(reader.read())
    try:
        writer.write(http.post("/api/v1/generate", b" " * 1000, person.token)[:-1000])
        while not ended.done():
            writer.write(b" ")
            await writer.drain()
            await asyncio.wait([ended], timeout=1)
    finally:
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)
        writer.close()


async def ask_for_streams(port: int, person: Person) -> None:
    """Twenty more at a time, held as long as the attack lasts where they are given."""
    request = http.get("/api/v1/events", person.token)
    async with AsyncExitStack() as stack:

        async def one() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")

        for _ in range(IDLE_STREAMS // 20):
            await asyncio.gather(*(one() for _ in range(20)), return_exceptions=True)


ATTACKS: dict[str, tuple[Attack, int]] = {
    "bodies of 100 MB": (flood, ATTACKERS),
    "JSON 100,000 deep": (partial(send, body=DEEP), ATTACKERS),
    "prompts of 2 MB": (partial(send, body=LONG), ATTACKERS),
    f"the same over {MANY_ATTACKERS} connections at once": (partial(send, body=LONG), MANY_ATTACKERS),
    f"{SLOW_BODIES} bodies that dawdle": (dawdle, SLOW_BODIES),
    f"{IDLE_STREAMS:,} streams asked for": (ask_for_streams, 1),
}
