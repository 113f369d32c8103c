"""The queue's upkeep: give back what dead workers held, wake those that live, count what waits."""

from __future__ import annotations

from app.core import metrics
from app.core.enums import JobStatus
from app.core.logging import get_logger
from app.repositories.queue import ExpiredJob
from app.services.announcements import JobAnnouncer
from app.services.quotas import QuotaService, to_units
from app.services.unit_of_work import UnitsOfWork
from app.services.wake_ups import WakeUps

log = get_logger(__name__)

EXPIRED_AT_ONCE = 200


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
            expired = await unit.queue.lock_expired(EXPIRED_AT_ONCE)
            hopeless = [job for job in expired if job.cancel_requested or job.attempt >= self._max_attempts]
            for job in expired:
                if job not in hopeless:
                    await unit.queue.requeue(organization_id=job.organization_id, job_id=job.id, token=job.lease_token)
                    metrics.JOBS_REQUEUED.inc()
                    log.warning("job_requeued", job_id=str(job.id), attempt=job.attempt, reason="lease_expired")
            await unit.queue.forget_old_keys()
        for job in hopeless:
            await self._give_up(job)
        async with self._units.queue() as unit:
            waiting = await unit.queue.waiting_models()
        for model in waiting:
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

    async def _give_up(self, expired: ExpiredJob) -> None:
        status = JobStatus.CANCELED if expired.cancel_requested else JobStatus.FAILED
        async with self._units.tenant(expired.organization_id) as unit:
            ended = await unit.jobs.finish_running(
                expired.id,
                expired.lease_token,
                status,
                error_code=None if expired.cancel_requested else "worker_lost",
                error_detail=None
                if expired.cancel_requested
                else f"The worker stopped {expired.attempt} times while it ran this job. Nothing was charged.",
            )
            if ended is None:
                return
            job = await unit.jobs.get(expired.id)
            await self._quotas.refund(unit, job)
        metrics.JOBS_FINISHED.labels(job.model, status.value).inc()
        log.warning("job_given_up", job_id=str(job.id), status=status.value, attempt=expired.attempt)
        await self._announcer.announce(job, [])
