"""What everybody else notices while somebody misbehaves: the slow end of ordinary requests."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from bench.lib import http
from bench.lib.servers import Person

REQUESTS, CONNECTIONS = 400, 4
PERCENT = 99


async def p99(port: int, people: Sequence[Person]) -> float:
    """Seconds, of people who look at their jobs, a few at a time."""
    requests = [http.get("/api/v1/jobs?limit=20", people[number % len(people)].token) for number in range(REQUESTS)]
    took = await http.send_all(port, requests, connections=CONNECTIONS, expected=200)
    return statistics.quantiles(took, n=100, method="inclusive")[PERCENT - 1]


@asynccontextmanager
async def without_pause(
    *attackers: Callable[[], Awaitable[None]],
) -> AsyncIterator[None]:
    """Each attacker again and again while the block runs. One whose connection is closed on it begins anew."""

    async def again_and_again(attacker: Callable[[], Awaitable[None]]) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await attacker()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(again_and_again(attacker)) for attacker in attackers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
