"""Ask for images and hold the line: for protocols that have no job to come back for.

The job is like any other. Its events say how far it is, and the database is asked every few seconds, so that a wiped or
absent Redis only delays the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from uuid import UUID

from app.core.errors import EaselError, Unavailable
from app.core.logging import get_logger
from app.core.security import Principal
from app.integrations.events import EventBus, Inbox, SlowReader
from app.schemas.jobs import GenerateRequest, JobEvent, JobOut
from app.services.announcements import job_channel
from app.services.jobs import JobService

log = get_logger(__name__)

TICK_SECONDS = 1.0
LOOK_SECONDS = 3.0
PATIENCE_SECONDS = 30.0
"""The sweep ends a job at its deadline; when that can't be seen for so long after it, the database is away."""


class Wait:
    """A job that somebody holds the line for. `job` is how it stands; once `news` has ended, how it ended."""

    def __init__(self, jobs: JobService, principal: Principal, inbox: Inbox, job: JobOut, *, ends: float) -> None:
        self.job = job
        self._jobs = jobs
        self._principal = principal
        self._inbox = inbox
        self._deaf = False
        self._ends = ends
        self._looked = monotonic()

    async def news(self) -> AsyncIterator[JobEvent | None]:
        """The job's events until it has ended; None at least once a second without one, to look after the line.

        Raises `Unavailable` when nothing can be learned about the job long after its deadline.
        """
        while not self.job.status.is_terminal:
            event = await self._next_event()
            if event is not None and event.job is not None:
                self.job = event.job
            if event is None and monotonic() - self._looked >= LOOK_SECONDS:
                await self._look()
            yield event

    async def _next_event(self) -> JobEvent | None:
        if self._deaf:
            await asyncio.sleep(TICK_SECONDS)
            return None
        try:
            async with asyncio.timeout(TICK_SECONDS):
                while True:
                    event = await self._inbox.get()
                    if event is None:  # Redis was away: something may have been missed
                        self._looked = 0.0
                        return None
                    if str(self.job.job_id) in event.data:
                        news = JobEvent.model_validate_json(event.data)
                        if news.job_id == self.job.job_id:
                            return news
        except TimeoutError:
            return None
        except SlowReader:
            self._deaf = True
            return None

    async def _look(self) -> None:
        try:
            self.job = await self._jobs.get(self._principal, self.job.job_id)
            self._looked = monotonic()
        except Unavailable:
            if monotonic() > self._ends + PATIENCE_SECONDS:
                raise


class WaitingService:
    def __init__(self, jobs: JobService, bus: EventBus, *, wait_seconds: int) -> None:
        """A job that is waited for has this long, and fails then: nobody would be there for a later one."""
        self._jobs = jobs
        self._bus = bus
        self._wait_seconds = wait_seconds
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def ask(
        self, principal: Principal, request: GenerateRequest, *, trace_id: str, idempotency_key: str | None = None
    ) -> AsyncIterator[Wait]:
        """Submit a job and wait for it. Raises what `JobService.submit` raises.

        Who leaves the block before the job has ended has hung up: the job is canceled, since nobody would get its
        images. With an idempotency key it goes on: the asker can come back with the key, and finds it done.
        """
        request = request.model_copy(update={"deadline_seconds": self._wait_seconds})
        async with self._bus.subscribe(job_channel(principal.organization_id, principal.user_id)) as inbox:
            # Subscribed first, so that a job that is done at once is heard of.
            submitted = await self._jobs.submit(principal, request, trace_id=trace_id, idempotency_key=idempotency_key)
            wait = Wait(self._jobs, principal, inbox, submitted.job, ends=monotonic() + self._wait_seconds)
            try:
                yield wait
            finally:
                if not wait.job.status.is_terminal and idempotency_key is None:
                    self._cancel_soon(principal, wait.job.job_id)

    def _cancel_soon(self, principal: Principal, job_id: UUID) -> None:
        # A task of its own: whoever left may be in the middle of being cancelled, and could wait for nothing.
        task = asyncio.create_task(self._cancel(principal, job_id), name="cancel-abandoned")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _cancel(self, principal: Principal, job_id: UUID) -> None:
        log.info("job_abandoned", job_id=str(job_id))
        with suppress(EaselError):  # then it runs to its end, and its images are in the gallery
            await self._jobs.cancel(principal, job_id)
