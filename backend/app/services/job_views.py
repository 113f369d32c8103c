"""A job as people see it: with its place in the queue, an honest ETA, and URLs that read its images."""

from __future__ import annotations

from dataclasses import dataclass

from cachetools import TTLCache

from app.core.enums import JobStatus
from app.integrations.storage.protocol import Storage
from app.integrations.workers import WorkerBoard
from app.models import Image, ImageJob
from app.schemas.jobs import JobError, JobImage, JobOut, JobParams
from app.services.quotas import to_units
from app.services.unit_of_work import UnitsOfWork

PNG = "image/png"
WEBP = "image/webp"


@dataclass(frozen=True, slots=True)
class Outlook:
    """`queue_position` counts from 1; `eta_seconds` is None before the model's first run."""

    queue_position: int | None = None
    eta_seconds: float | None = None


class JobViews:
    def __init__(self, units: UnitsOfWork, storage: Storage, board: WorkerBoard) -> None:
        self._units = units
        self._storage = storage
        self._board = board
        self._speeds: TTLCache[str, float | None] = TTLCache(maxsize=256, ttl=5.0)

    async def view(self, job: ImageJob, images: list[Image]) -> JobOut:
        outlook = await self.outlook(job)
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

    async def outlook(self, job: ImageJob) -> Outlook:
        """From the work ahead in pixel-steps and the speed of the model's last runs, shared by the workers alive."""
        if job.status.is_terminal:
            return Outlook()
        async with self._units.queue() as unit:
            if job.model not in self._speeds:
                self._speeds[job.model] = await unit.queue.seconds_per_cost(job.model)
            speed = self._speeds[job.model]
            if job.status is JobStatus.RUNNING:
                remaining = job.cost * (1 - job.progress)
                return Outlook(eta_seconds=None if speed is None else round(remaining * speed, 1))
            jobs_ahead, cost_ahead = await unit.queue.ahead_of(job)
            running = await unit.queue.running_cost(job.model)
        if speed is None:
            return Outlook(queue_position=jobs_ahead + 1)
        workers = max(1, await self._board.count())
        seconds = ((running + cost_ahead) / workers + job.cost) * speed
        return Outlook(queue_position=jobs_ahead + 1, eta_seconds=round(seconds, 1))

    def forget_speeds(self) -> None:
        """Ask the database anew how fast the models run."""
        self._speeds.clear()

    def _image(self, image: Image) -> JobImage:
        return JobImage(
            id=image.id,
            url=self._storage.signed_url(image.storage_key, content_type=PNG),
            thumbnail_url=self._storage.signed_url(image.thumbnail_key, content_type=WEBP),
            width=image.width,
            height=image.height,
            seed=image.seed,
            placeholder=image.placeholder,
        )
