"""Jobs that failed after their last attempt: an administrator looks at them, mends the cause, and tries them again."""

from __future__ import annotations

from uuid import UUID

from app.core.errors import Conflict
from app.core.logging import get_logger
from app.core.security import Principal
from app.schemas.jobs import JobOut, JobPage
from app.services.cursors import decode_cursor, encode_cursor
from app.services.job_views import JobViews
from app.services.jobs import JobService
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)


class DeadLetterService:
    def __init__(self, units: UnitsOfWork, *, jobs: JobService, views: JobViews) -> None:
        self._units = units
        self._jobs = jobs
        self._views = views

    async def page(self, principal: Principal, *, cursor: str | None, limit: int) -> JobPage:
        """Of the whole organisation, newest first; what was tried again is left out."""
        async with self._units.tenant(principal.organization_id) as unit:
            jobs = await unit.jobs.dead_letters(before=decode_cursor(cursor), limit=limit + 1)
        more, jobs = len(jobs) > limit, jobs[:limit]
        return JobPage(
            items=[await self._views.view(job, []) for job in jobs],
            next_cursor=encode_cursor(jobs[-1].id) if more else None,
        )

    async def retry(self, principal: Principal, job_id: UUID, *, trace_id: str) -> JobOut:
        """A new job for the same user, on the organisation's quota. Raises `Conflict` when that was done already."""
        async with self._units.tenant(principal.organization_id) as unit:
            dead = await unit.jobs.get_dead_letter_locked(job_id)
        admission = await self._jobs.admit(principal, dead)
        async with self._units.tenant(principal.organization_id) as unit:
            dead = await unit.jobs.get_dead_letter_locked(job_id)
            if dead.retried_as is not None:
                raise Conflict(f"This was tried again already, as {dead.retried_as}.", code="already_retried")
            job = self._jobs.copy_of(dead, trace_id=trace_id)
            await self._jobs.enqueue(unit, job, admission)
            dead.retried_as = job.id
        log.info("dead_letter_retried", job_id=str(job_id), new_job_id=str(job.id), by=str(principal.user_id))
        return await self._jobs.accepted(job)
