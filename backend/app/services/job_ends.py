"""How a job leaves a worker: done, ended, or handed back. Each write carries the lease; without it nothing changes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from app.core import metrics
from app.core.enums import JobStatus
from app.core.errors import EaselError, GenerationCanceled, Unavailable
from app.core.ids import new_id
from app.core.job_states import require_transition
from app.core.logging import get_logger
from app.repositories.claims import ClaimedJob
from app.repositories.completions import NewImage
from app.services.announcements import JobAnnouncer
from app.services.generations import seed_of
from app.services.image_keeping import KeptImage
from app.services.quotas import QuotaService
from app.services.runs import LeaseLost, Run
from app.services.unit_of_work import UnitsOfWork
from app.services.wake_ups import WakeUps

log = get_logger(__name__)


class JobEnds:
    def __init__(
        self,
        units: UnitsOfWork,
        quotas: QuotaService,
        announcer: JobAnnouncer,
        wake_ups: WakeUps,
        *,
        max_attempts: int,
    ) -> None:
        self._units = units
        self._quotas = quotas
        self._announcer = announcer
        self._wake_ups = wake_ups
        self._max_attempts = max_attempts
        self.proven = False
        """A worker that ended a job since it started may be trusted with one that may have taken another one down."""

    async def complete(self, run: Run, kept: list[KeptImage]) -> None:
        """Images, charge and status in one transaction, held by the lease."""
        started = perf_counter()
        job = run.job
        images = [_new_image(job, index, each) for index, each in enumerate(kept)]
        require_transition(job.status, JobStatus.COMPLETED)
        async with self._units.completions(job.organization_id) as completions:
            finished_at = await completions.complete(job, images)
            if finished_at is None and await completions.cancel_was_asked(job):
                raise GenerationCanceled("Canceled while the images were being stored.")
            if finished_at is None:
                raise LeaseLost
        metrics.JOB_RUN_SECONDS.labels(job.model, "record").observe(perf_counter() - started)
        metrics.IMAGES_MADE.labels(job.model).inc(len(images))
        self._count(job, JobStatus.COMPLETED)
        done = replace(job, status=JobStatus.COMPLETED, progress=1.0, finished_at=finished_at)
        await self._announcer.announce(done, images)

    async def end(
        self, run: Run, status: JobStatus, error: EaselError | None = None, *, dead_letter: bool = False
    ) -> None:
        """RUNNING → CANCELED or FAILED, with the refund."""
        claimed = run.job
        try:
            async with self._units.tenant(claimed.organization_id) as unit:
                ended = await unit.jobs.finish_running(
                    claimed.id,
                    claimed.lease_token,
                    status,
                    error_code=error.code if error else None,
                    error_detail=error.detail if error else None,
                    dead_letter=dead_letter,
                )
                if ended is None:
                    metrics.LEASES_LOST.inc()
                    return
                await self._quotas.refund(unit, await unit.jobs.get(claimed.id))
        except Unavailable:
            log.warning("job_end_not_recorded", status=status.value)  # the lease runs out, and the sweep ends it
            return
        self._count(claimed, status)
        with suppress(Unavailable):
            await self._tell_anew(claimed)

    async def hand_back(self, run: Run, error: EaselError) -> None:
        """Something that may pass: another attempt, or FAILED after the last one."""
        if run.job.attempt >= self._max_attempts:
            await self.end(run, JobStatus.FAILED, error, dead_letter=True)
            return
        log.warning("job_handed_back", code=error.code)
        await self._requeue(run, forgive=False)

    async def give_back(self, run: Run) -> None:
        """The job is as good as before, and waits again at its old turn; the attempt does not count."""
        log.info("job_handed_back", code="worker_stopping")
        await self._requeue(run, forgive=True)

    async def _requeue(self, run: Run, *, forgive: bool) -> None:
        job = run.job
        with suppress(Unavailable):  # the lease runs out, and the sweep does it
            async with self._units.queue() as unit:
                await unit.queue.requeue(
                    organization_id=job.organization_id, job_id=job.id, token=job.lease_token, forgive=forgive
                )
            self._wake_ups.wake(job.model)

    async def _tell_anew(self, claimed: ClaimedJob) -> None:
        async with self._units.tenant(claimed.organization_id) as unit:
            job = await unit.jobs.get(claimed.id)
            images = (await unit.images.of_jobs([job.id]))[job.id]
        await self._announcer.announce(job, images)

    def _count(self, claimed: ClaimedJob, status: JobStatus) -> None:
        self.proven = True
        metrics.JOBS_FINISHED.labels(claimed.model, status.value).inc()
        log.info("job_finished", status=status.value)


def _new_image(job: ClaimedJob, index: int, kept: KeptImage) -> NewImage:
    return NewImage(
        id=new_id(),
        storage_key=kept.file.key,
        thumbnail_key=kept.thumbnail.key,
        medium_key=kept.medium.key if kept.medium else None,
        sha256=kept.facts.sha256,
        size_bytes=kept.file.size,
        width=kept.facts.width,
        height=kept.facts.height,
        seed=seed_of(job.seed, index),
        placeholder=kept.facts.placeholder,
    )
