"""The batches in a worker's hands: one on the device, one finishing, and never more claimed than can start soon."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from app.services.generations import Generation

MAX_UNFINISHED = 3
"""Batches in a worker's hands: on the device, waiting for it, being stored. A slow storage holds up the claim, not
memory."""


class Belt:
    """While one batch is encoded, stored and recorded, the next is on the device."""

    def __init__(self) -> None:
        self._batches: dict[asyncio.Task[None], Generation] = {}

    def put(self, generation: Generation, work: Coroutine[Any, Any, None]) -> None:
        """`work` runs the generation and finishes its jobs."""
        self._batches[asyncio.create_task(work, name="batch")] = generation

    async def room(self) -> None:
        """Waits until a batch that is claimed now could start in moments. Raises what a batch raised."""
        for generation in tuple(self._batches.values()):
            await generation.nearly_over()
        self._forget_finished()
        while len(self._batches) >= MAX_UNFINISHED:
            await self.next_finished(None)

    async def next_finished(self, seconds: float | None) -> bool:
        """Waits for one batch to be finished, at most so long. False when there is none to wait for."""
        if not self._batches:
            return False
        await asyncio.wait(self._batches, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        self._forget_finished()
        return True

    async def empty(self) -> None:
        """Waits until all batches are finished. Raises what one of them raised."""
        while await self.next_finished(None):
            pass

    def _forget_finished(self) -> None:
        for task in [task for task in self._batches if task.done()]:
            del self._batches[task]
            task.result()
