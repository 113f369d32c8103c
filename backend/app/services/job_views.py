"""A job as people see it: with its place in the queue, an honest ETA, and URLs that read its images."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from app.core.enums import JobStatus
from app.core.errors import Unavailable
from app.core.media_types import PNG, WEBP
from app.integrations.storage.protocol import Storage
from app.integrations.workers import WorkerBoard
from app.models import Image, ImageJob
from app.repositories.claims import ClaimedJob
from app.repositories.completions import NewImage
from app.repositories.outlooks import Speed
from app.repositories.submissions import NewJob
from app.schemas.jobs import JobError, JobImage, JobOut, JobParams
from app.services.quotas import to_units
from app.services.unit_of_work import UnitsOfWork
from app.utils.expiring import Expiring

OUTLOOK_SHARE, OUTLOOK_SECONDS = 0.05, 1.0
"""Of a process's time, for telling newcomers their place: this share of it, and at once so many seconds."""

ENOUGH_RUNS = 8


@dataclass(frozen=True, slots=True)
class Outlook:
    """`queue_position` counts from 1; `eta_seconds` is None before the model's first run."""

    queue_position: int | None = None
    eta_seconds: float | None = None


class TimeBudget:
    """Lets a nicety have a share of the time, and no more: what takes long, or comes often, is soon left out.

    One at a time: of many that come at once, each would take what is left before the first has told what it took.
    """

    def __init__(self, share: float, *, most_seconds: float) -> None:
        self._share = share
        self._most = most_seconds
        self._taken = False
        self.refill()

    def refill(self) -> None:
        self._left, self._at = self._most, monotonic()

    def admits(self) -> bool:
        now = monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._share)
        self._at = now
        return self._left > 0 and not self._taken

    @contextmanager
    def spend(self) -> Iterator[None]:
        began, self._taken = monotonic(), True
        try:
            yield
        finally:
            self._left -= monotonic() - began
            self._taken = False


class JobViews:
    def __init__(self, units: UnitsOfWork, storage: Storage, board: WorkerBoard) -> None:
        self._units = units
        self._storage = storage
        self._board = board
        self._for_newcomers = TimeBudget(OUTLOOK_SHARE, most_seconds=OUTLOOK_SECONDS)
        self._speeds: Expiring[str, Speed] = Expiring(seconds=5.0, most=256)

    async def view(self, job: ImageJob | ClaimedJob, images: Sequence[Image | NewImage]) -> JobOut:
        return self.show(job, images, await self._outlook_or_none(job))

    def show(self, job: ImageJob | NewJob | ClaimedJob, images: Sequence[Image | NewImage], outlook: Outlook) -> JobOut:
        shown = [self._image(image) for image in images]
        return JobOut(
            job_id=job.id,
            status=job.status,
            progress=job.progress,
            stage=job.stage if job.status is JobStatus.RUNNING else None,
            queue_position=outlook.queue_position,
            eta_seconds=outlook.eta_seconds,
            prompt=job.prompt,
            negative_prompt=job.negative_prompt,
            params=JobParams(
                model=job.model,
                width=job.width,
                height=job.height,
                steps=job.steps,
                guidance=job.guidance,
                seed=job.seed,
                num_images=job.num_images,
            ),
            images=shown,
            image_url=shown[0].url if shown else None,
            error=JobError(code=job.error_code, detail=job.error_detail or "") if job.error_code else None,
            attempt=job.attempt,
            cost=to_units(job.cost),
            visibility=job.visibility,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )

    async def outlook_if_calm(self, job: NewJob) -> Outlook:
        """For a job that was accepted just now. In a flood it stays unknown for most: counting who is ahead costs more
        than accepting does, and whoever wants to know asks for the job."""
        if not self._for_newcomers.admits():
            return Outlook()
        with self._for_newcomers.spend():
            await asyncio.sleep(0)  # the job's ring leaves first, and a worker may start while we count
            return await self._outlook_or_none(job)

    async def _outlook_or_none(self, job: ImageJob | NewJob | ClaimedJob) -> Outlook:
        try:
            return await self.outlook(job)
        except Unavailable:
            return Outlook()  # a busy database must not make a job look refused that is accepted

    async def outlook(self, job: ImageJob | NewJob | ClaimedJob) -> Outlook:
        """From the work ahead in pixel-steps and the speed of the model's last runs, shared by the workers alive."""
        if job.status.is_terminal:
            return Outlook()
        speed = await self._speed_of(job.model)
        if isinstance(job, ClaimedJob) or job.status is JobStatus.RUNNING:
            remaining = job.cost * (1 - job.progress)
            return Outlook(eta_seconds=None if speed is None else round(remaining * speed.latency, 1))
        async with self._units.outlooks() as outlooks:
            jobs_ahead, cost_ahead = await outlooks.ahead_of(job)
            if speed is None:
                return Outlook(queue_position=jobs_ahead + 1)
            running = await outlooks.running_cost(job.model, speed)
        workers = max(1, await self._board.count())
        seconds = (running + cost_ahead) / workers * speed.pace + job.cost * speed.latency
        return Outlook(queue_position=jobs_ahead + 1, eta_seconds=round(seconds, 1))

    async def _speed_of(self, model_id: str) -> Speed | None:
        """Known for some seconds. Until enough runs tell, it is asked each time: the first one waited for its model."""
        speed = self._speeds.find(model_id)
        if speed is None:
            async with self._units.outlooks() as outlooks:
                speed = await outlooks.speed(model_id)
            if speed is not None and speed.runs >= ENOUGH_RUNS:
                self._speeds.keep(model_id, speed)
        return speed

    def forget_speeds(self) -> None:
        """Ask the database anew how fast the models run, and let the next newcomers hear it."""
        self._speeds.clear()
        self._for_newcomers.refill()

    def _image(self, image: Image | NewImage) -> JobImage:
        return JobImage(
            id=image.id,
            url=self._storage.signed_url(image.storage_key, content_type=PNG),
            thumbnail_url=self._storage.signed_url(image.thumbnail_key, content_type=WEBP),
            width=image.width,
            height=image.height,
            seed=image.seed,
            placeholder=image.placeholder,
        )
