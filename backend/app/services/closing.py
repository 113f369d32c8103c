"""What removing an account and removing an organisation have in common."""

from __future__ import annotations

from uuid import UUID

from app.core.enums import JobStatus
from app.core.security import Origin
from app.services.quotas import QuotaService
from app.services.unit_of_work import UnitsOfWork

AT_ONCE = 200
UPKEEP = Origin(user_agent="easel upkeep")


async def end_open_jobs(
    units: UnitsOfWork, quotas: QuotaService, organization_id: UUID, *, user_id: UUID | None = None
) -> bool:
    """Cancel the organisation's jobs, or one person's in it. True when none is open any more."""
    while True:
        async with units.tenant(organization_id, user_id) as unit:
            jobs = await unit.jobs.lock_open(AT_ONCE, user_id=user_id)
            for job in jobs:
                if job.status is JobStatus.QUEUED:
                    unit.jobs.finish_queued(job, JobStatus.CANCELED)
                    await quotas.refund(unit, job)
                else:
                    await unit.jobs.request_cancel(job.id)
        if not any(job.status is JobStatus.CANCELED for job in jobs):
            return not jobs
