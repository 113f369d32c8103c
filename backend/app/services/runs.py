"""One job in the hands of a worker: its lease kept alive and its progress told, beside the work itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf
from time import monotonic

from app.core.enums import EventType, JobStatus
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.engine.imaging import preview_data_url
from app.engine.protocol import Progress
from app.repositories.queue import ClaimedJob
from app.schemas.jobs import JobEvent
from app.services.announcements import JobAnnouncer
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)


@dataclass(slots=True)
class Run:
    """Read from the engine's thread, written from the event loop."""

    job: ClaimedJob
    lost: bool = False
    canceled: bool = False
    overdue: bool = False
    progress: float = 0.0
    lease_ends: float = inf
    """By this process's monotonic clock, and never later than by the database's: a worker that was frozen past its
    lease knows so at once, before it writes a file or asks anybody."""
    must_yield: Callable[[], bool] = lambda: False
    """The worker has to stop now: the job is handed back, and another worker starts it anew."""

    def is_lost(self) -> bool:
        return self.lost or monotonic() > self.lease_ends

    def should_stop(self) -> bool:
        return self.is_lost() or self.canceled or self.overdue or self.must_yield()


class Grace:
    """Asked to stop, a worker finishes what it has in hand within this time; over it, it hands back."""

    def __init__(self, asked: Callable[[], bool], seconds: float) -> None:
        self._asked = asked
        self._seconds = seconds
        self._since: float | None = None

    def is_over(self) -> bool:
        if not self._asked():
            return False
        if self._since is None:
            self._since = monotonic()
        return monotonic() - self._since >= self._seconds


class LeaseKeeper:
    """Renews a run's lease, and hears at the same time whether someone asked to cancel it."""

    def __init__(self, units: UnitsOfWork, *, lease_seconds: float, heartbeat_seconds: float) -> None:
        self._units = units
        self._lease_seconds = lease_seconds
        self._heartbeat_seconds = heartbeat_seconds

    @asynccontextmanager
    async def keep(self, run: Run) -> AsyncIterator[None]:
        """Within the block the lease lives, unless the run says that it is lost."""
        over = asyncio.Event()
        run.lease_ends = monotonic() + self._lease_seconds
        beating = asyncio.create_task(self._beat_until(over, run), name="heartbeat")
        try:
            yield
        finally:
            # Not cancelled: a statement that is cut off would cost its connection.
            over.set()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat_until(self, over: asyncio.Event, run: Run) -> None:
        while not run.lost:
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    await over.wait()
            except TimeoutError:
                await self._beat(run)
            else:
                return

    async def _beat(self, run: Run) -> None:
        asked = monotonic()
        try:
            async with self._units.queue() as unit:
                heard = await unit.queue.heartbeat(run.job, progress=run.progress, lease_seconds=self._lease_seconds)
        except Unavailable:
            log.warning("heartbeat_missed")  # the lease runs on; the next beat may get through
            return
        if heard.alive:
            run.lease_ends = asked + self._lease_seconds
        run.lost, run.canceled, run.overdue = not heard.alive, heard.cancel_requested, heard.overdue


class ProgressTeller:
    """Tells the owner how far a run is. Only the newest progress counts: what nobody saw yet is replaced by it."""

    def __init__(self, announcer: JobAnnouncer) -> None:
        self._announcer = announcer

    @asynccontextmanager
    async def tell(self, run: Run) -> AsyncIterator[Callable[[Progress], None]]:
        """Gives a callback for the engine's thread."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        newest: list[Progress | None] = []

        def put(progress: Progress | None) -> None:
            newest[:] = [progress]
            changed.set()

        def on_progress(progress: Progress) -> None:
            run.progress = progress.step / progress.steps
            loop.call_soon_threadsafe(put, progress)

        async def tell_all() -> None:
            while True:
                await changed.wait()
                changed.clear()
                progress = newest.pop()
                if progress is None:
                    return
                await self._publish(run.job, progress)

        telling = asyncio.create_task(tell_all(), name="progress")
        try:
            yield on_progress
        finally:
            put(None)
            await asyncio.gather(telling, return_exceptions=True)

    async def _publish(self, job: ClaimedJob, progress: Progress) -> None:
        preview = await asyncio.to_thread(preview_data_url, progress.previews[0]) if progress.previews else None
        event = JobEvent(
            job_id=job.id, status=JobStatus.RUNNING, progress=progress.step / progress.steps, preview=preview
        )
        await self._announcer.publish(job.organization_id, job.user_id, EventType.JOB_PROGRESS, event.model_dump_json())
