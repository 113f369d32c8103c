"""The queue's upkeep: give back what dead workers held, wake those that live, count what waits."""

from __future__ import annotations

from dataclasses import dataclass

from app.core import metrics
from app.core.enums import JobStatus
from app.core.errors import DeadlinePassed
from app.core.logging import get_logger
from app.models import ImageJob
from app.repositories.queue import ExpiredJob, OverdueJob
from app.services.announcements import JobAnnouncer
from app.services.quotas import QuotaService, to_units
from app.services.unit_of_work import UnitsOfWork
from app.services.wake_ups import WakeUps

log = get_logger(__name__)

ENDED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    status: JobStatus
    error_code: str | None = None
    error_detail: str | None = None
    dead_letter: bool = False


class QueueService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        quotas: QuotaService,
        announcer: JobAnnouncer,
        wake_ups: WakeUps,
        max_attempts: int,
    ) -> None:
        self._units = units
        self._quotas = quotas
        self._announcer = announcer
        self._wake_ups = wake_ups
        self._max_attempts = max_attempts

    async def sweep(self) -> None:
        """Safe to run at any time and several times at once."""
        async with self._units.queue() as unit:
            overdue = await unit.queue.lock_overdue(ENDED_AT_ONCE)
        for waiting in overdue:
            await self._end_overdue(waiting)
        async with self._units.queue() as unit:
            expired = await unit.queue.lock_expired(ENDED_AT_ONCE)
            hopeless = [job for job in expired if self._verdict(job) is not None]
            for job in expired:
                if job not in hopeless:
                    await unit.queue.requeue(
                        organization_id=job.organization_id, job_id=job.id, token=job.lease_token, worker_lost=True
                    )
                    metrics.JOBS_REQUEUED.inc()
                    log.warning("job_requeued", job_id=str(job.id), attempt=job.attempt, reason="lease_expired")
            await unit.queue.forget_old_keys()
        for job in hopeless:
            await self._give_up(job)
        async with self._units.queue() as unit:
            models = await unit.queue.waiting_models()
        for model in models:
            self._wake_ups.wake(model)

    async def measure(self) -> None:
        """Set the queue's gauges, for whoever scrapes this process."""
        async with self._units.queue() as unit:
            figures = await unit.queue.figures()
        for gauge in (metrics.QUEUE_JOBS, metrics.QUEUE_COST, metrics.QUEUE_OLDEST_SECONDS):
            gauge.clear()
        for each in figures:
            metrics.QUEUE_JOBS.labels(each.model, each.status.value).set(each.jobs)
            if each.status is JobStatus.QUEUED:
                metrics.QUEUE_COST.labels(each.model).set(to_units(each.cost))
                metrics.QUEUE_OLDEST_SECONDS.labels(each.model).set(each.oldest_seconds)

    def _verdict(self, expired: ExpiredJob) -> Verdict | None:
        """How a job ends whose worker was lost; None: it is tried again."""
        if expired.cancel_requested:
            return Verdict(JobStatus.CANCELED)
        if expired.overdue:
            late = DeadlinePassed()
            return Verdict(JobStatus.FAILED, late.code, late.detail)
        if expired.attempt >= self._max_attempts:
            detail = f"The worker stopped {expired.attempt} times while it ran this job. Nothing was charged."
            return Verdict(JobStatus.FAILED, "worker_lost", detail, dead_letter=True)
        return None

    async def _give_up(self, expired: ExpiredJob) -> None:
        verdict = self._verdict(expired)
        assert verdict is not None, "only hopeless jobs are given up"
        async with self._units.tenant(expired.organization_id) as unit:
            ended = await unit.jobs.finish_running(
                expired.id,
                expired.lease_token,
                verdict.status,
                error_code=verdict.error_code,
                error_detail=verdict.error_detail,
                dead_letter=verdict.dead_letter,
            )
            if ended is None:
                return
            job = await unit.jobs.get(expired.id)
            await self._quotas.refund(unit, job)
        await self._tell_end(job)

    async def _end_overdue(self, waiting: OverdueJob) -> None:
        late = DeadlinePassed()
        async with self._units.tenant(waiting.organization_id) as unit:
            job = await unit.jobs.get_locked(waiting.id)
            if job.status is not JobStatus.QUEUED:
                return  # claimed at the last moment: its worker ends it
            unit.jobs.finish_queued(job, JobStatus.FAILED, error_code=late.code, error_detail=late.detail)
            await unit.shares.give_back(job)
            await self._quotas.refund(unit, job)
        await self._tell_end(job)

    async def _tell_end(self, job: ImageJob) -> None:
        metrics.JOBS_FINISHED.labels(job.model, job.status.value).inc()
        log.warning("job_given_up", job_id=str(job.id), status=job.status.value, error_code=job.error_code)
        await self._announcer.announce(job, [])
