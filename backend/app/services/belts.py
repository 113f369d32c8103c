"""The batches in a worker's hands: one on the device, one finishing, and never more claimed than can start soon."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from app.services.generations import Generation


class Belt:
    """While one batch is encoded, stored and recorded, the next is on the device."""

    def __init__(self, most_images: int) -> None:
        """With so many in hand nothing more is taken."""
        self._most_images = most_images
        self._batches: dict[asyncio.Task[None], tuple[Generation, int]] = {}

    def put(self, generation: Generation, work: Coroutine[Any, Any, None], images: int) -> None:
        """`work` runs the generation and finishes its jobs."""
        self._batches[asyncio.create_task(work, name="batch")] = generation, images

    def is_empty(self) -> bool:
        return all(task.done() for task in self._batches)

    async def room(self) -> None:
        """Waits until a batch that is claimed now could start in moments. Raises what a batch raised."""
        for generation, _ in tuple(self._batches.values()):
            await generation.nearly_over()
        self._forget_finished()
        while sum(images for _, images in self._batches.values()) >= self._most_images:
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
