"""Jobs in the hands of a worker: their leases kept alive and their progress told, beside the work itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from PIL import Image as PillowImage

from app.core.enums import EventType, JobStage, JobStatus
from app.core.errors import DeadlinePassed, Unavailable
from app.core.logging import get_logger
from app.engine.imaging import preview_data_url
from app.engine.protocol import Progress
from app.repositories.claims import ClaimedJob
from app.schemas.jobs import JobEvent
from app.services.announcements import JobAnnouncer
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)


class LeaseLost(Exception):
    """Another worker has the job, or nobody: whatever we made of it does not count."""


class MustYield(Exception):
    """The worker has to stop before the job is done."""


@dataclass(slots=True)
class Run:
    """Read from the engine's thread, written from the event loop."""

    job: ClaimedJob
    lost: bool = False
    canceled: bool = False
    overdue: bool = False
    progress: float = 0.0
    stage: JobStage = JobStage.GENERATING
    over: bool = False
    """Nothing is left to be done for it, so its lease needs no keeping."""
    announced: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once its owner was told that it has started: nothing about its progress is told before."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the run is lost, canceled or overdue: who waits for a batch's other jobs need not wait any longer."""
    lease_ends: float = inf
    """By this process's monotonic clock, and never later than by the database's: a worker that was frozen past its
    lease knows so at once, before it writes a file or asks anybody."""
    must_yield: Callable[[], bool] = lambda: False
    """The worker has to stop now: the job is handed back, and another worker starts it anew."""

    def is_lost(self) -> bool:
        return self.lost or monotonic() > self.lease_ends

    def should_stop(self) -> bool:
        return self.over or self.is_lost() or self.canceled or self.overdue or self.must_yield()

    def raise_reason(self) -> None:
        """Why it was stopped, unless its owner asked for it: `LeaseLost`, `DeadlinePassed`, `MustYield`."""
        if self.is_lost():
            raise LeaseLost
        if self.overdue:
            raise DeadlinePassed
        if not self.canceled and self.must_yield():
            raise MustYield


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
    """Renews the leases of a batch, and hears at the same time whether someone asked to cancel one of its jobs."""

    def __init__(self, units: UnitsOfWork, *, lease_seconds: float, heartbeat_seconds: float) -> None:
        self._units = units
        self._lease_seconds = lease_seconds
        self._heartbeat_seconds = heartbeat_seconds

    @asynccontextmanager
    async def keep(self, runs: Sequence[Run]) -> AsyncIterator[None]:
        """Within the block the leases live, each until its run is over or says that it is lost."""
        over = asyncio.Event()
        for run in runs:
            run.lease_ends = monotonic() + self._lease_seconds
        beating = asyncio.create_task(self._beat_until(over, runs), name="heartbeat")
        try:
            yield
        finally:
            # Not cancelled: a statement that is cut off would cost its connection.
            over.set()
            await asyncio.gather(beating, return_exceptions=True)

    async def beat(self, runs: Sequence[Run]) -> None:
        """One heartbeat for all that are still at work, in one transaction. It also writes progress and stage."""
        live = [run for run in runs if not (run.over or run.lost)]
        asked = monotonic()
        try:
            async with self._units.queue() as unit:
                heard = [
                    await unit.queue.heartbeat(
                        run.job, progress=run.progress, stage=run.stage, lease_seconds=self._lease_seconds
                    )
                    for run in live
                ]
        except Unavailable:
            log.warning("heartbeat_missed")  # the leases run on; the next beat may get through
            return
        for run, answer in zip(live, heard, strict=True):
            if answer.alive:
                run.lease_ends = asked + self._lease_seconds
            run.lost, run.canceled, run.overdue = not answer.alive, answer.cancel_requested, answer.overdue
            if run.lost or run.canceled or run.overdue:
                run.stopped.set()

    async def _beat_until(self, over: asyncio.Event, runs: Sequence[Run]) -> None:
        while any(not (run.over or run.lost) for run in runs):
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    await over.wait()
            except TimeoutError:
                await self.beat(runs)
            else:
                return


class ProgressTeller:
    """Tells the owners how far a batch is. Only the newest progress counts: what nobody saw yet is replaced by it."""

    def __init__(self, announcer: JobAnnouncer) -> None:
        self._announcer = announcer

    @asynccontextmanager
    async def tell(self, runs: Sequence[Run]) -> AsyncIterator[Callable[[Progress], None]]:
        """Gives a callback for the engine's thread. Previews come in the order of the runs and their images."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        newest: list[Progress | None] = []

        def put(progress: Progress | None) -> None:
            newest[:] = [progress]
            changed.set()

        def on_progress(progress: Progress) -> None:
            for run in runs:
                run.progress = progress.step / progress.steps
            loop.call_soon_threadsafe(put, progress)

        async def tell_all() -> None:
            while True:
                await changed.wait()
                changed.clear()
                progress = newest.pop()
                if progress is None:
                    return
                await self._publish_each(runs, progress)

        telling = asyncio.create_task(tell_all(), name="progress")
        try:
            yield on_progress
        finally:
            # Behind what an engine that runs in this very loop told last, which would take its place.
            loop.call_soon(put, None)
            await asyncio.gather(telling, return_exceptions=True)

    async def tell_stage(self, run: Run) -> None:
        await self._publish(run, run.progress, None)

    async def _publish_each(self, runs: Sequence[Run], progress: Progress) -> None:
        position = 0
        for run in runs:
            preview = progress.previews[position] if position < len(progress.previews) else None
            position += run.job.num_images
            # A canceled job of a batch is over for its owner, though its companions go on.
            if not run.stopped.is_set():
                await self._publish(run, progress.step / progress.steps, preview)

    async def _publish(self, run: Run, progress: float, preview: PillowImage.Image | None) -> None:
        job = run.job
        await run.announced.wait()
        event = JobEvent(
            job_id=job.id,
            status=JobStatus.RUNNING,
            progress=progress,
            stage=run.stage,
            preview=await asyncio.to_thread(preview_data_url, preview) if preview is not None else None,
        )
        await self._announcer.publish(job.organization_id, job.user_id, EventType.JOB_PROGRESS, event.model_dump_json())
