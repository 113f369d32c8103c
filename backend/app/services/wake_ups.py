"""How the queue tells workers that there is something to do.

A wake-up carries no truth: one that is lost, doubled or late changes nothing, because workers claim from PostgreSQL and
the sweep wakes them again.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

TURNS = 2
"""One to begin a ring (`RingFirst`), one to send it (`ScriptLine`)."""


class WakeUps(Protocol):
    def wake(self, model_id: str) -> None:
        """Say that jobs wait for this model. Returns at once and never raises; several in a row may become one."""
        ...

    async def close(self) -> None:
        """Send what is pending, then stop."""
        ...


async def let_it_out() -> None:
    """Give a wake-up the turns of the loop that it needs to be on its way: a worker may wait for it, and whatever the
    caller does next, even counting who is ahead in the queue, may take longer than the worker's whole start."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
