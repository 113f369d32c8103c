"""The doorbell of the workers: rung for a new job, and answered by a worker that has nothing to do.

Celery's message takes its way through a parent process and a pool; a ring takes a tenth of that. Both say no more than
"there is work", and the sweep sends Celery's as long as jobs wait, so a bell that is out of order only delays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.engine.catalog import ModelCatalog
from app.integrations.doorbell import Doorbell
from app.services.wake_ups import WakeUps
from app.services.work import WorkService

log = get_logger(__name__)


class RingFirst:
    """Rings; where nobody listens, sends the other kind of wake-up. For callers in an event loop.

    The ring leaves at the end of the loop's turn: whoever has more to do than a worker's start takes gives it one.
    """

    def __init__(self, bell: Doorbell, other: WakeUps) -> None:
        self._bell = bell
        self._other = other
        self._rung: set[asyncio.Future[Any]] = set()

    def wake(self, model_id: str) -> None:
        ring = self._bell.ring(model_id)
        self._rung.add(ring)
        ring.add_done_callback(partial(self._after, model_id))

    async def close(self) -> None:
        await asyncio.gather(*self._rung, return_exceptions=True)

    def _after(self, model_id: str, ring: asyncio.Future[Any]) -> None:
        self._rung.discard(ring)
        if not self._bell.was_heard(ring):
            self._other.wake(model_id)


class Doorkeeper:
    """Answers the bell for one device, beside Celery's tasks: one of both at a time feeds it."""

    def __init__(self, bell: Doorbell, work: WorkService, catalog: ModelCatalog) -> None:
        self._bell = bell
        self._work = work
        self._models = [model.id for model in catalog]

    async def answer(self, should_stop: Callable[[], bool]) -> None:
        """Until cancelled, or until the worker has to stop."""
        while not should_stop():
            try:
                if await self._bell.wait(self._models):
                    await self._work.feed(should_stop)
            except Unavailable as error:
                log.warning("claim_failed", code=error.code)  # the sweep wakes us again
            except Exception as error:  # whatever it is, the next ring is answered
                log.exception("feeding_crashed", error_type=type(error).__name__)
                await asyncio.sleep(1.0)
