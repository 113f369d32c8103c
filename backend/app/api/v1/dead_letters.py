"""For administrators: jobs that failed after their last attempt."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response, status

from app.api.deps import OrganizationManager, ServicesDep, TraceId
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.schemas.jobs import JobOut, JobPage

router = APIRouter(prefix="/admin/dead-letters", tags=["administration"])


@router.get("", responses=problems(401, 403, 422))
async def list_dead_letters(
    principal: OrganizationManager, services: ServicesDep, cursor: Cursor = None, limit: Limit = 20
) -> JobPage:
    """Jobs of the organisation that failed after their last attempt, newest first."""
    return await services.dead_letters.page(principal, cursor=cursor, limit=limit)


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 402, 403, 404, 409, 422))
async def retry_dead_letter(
    job_id: UUID, response: Response, principal: OrganizationManager, services: ServicesDep, trace_id: TraceId
) -> JobOut:
    """A new job with the same parameters, for the same user. The dead letter leaves the list."""
    job = await services.dead_letters.retry(principal, job_id, trace_id=trace_id)
    response.headers["Location"] = f"/api/v1/status/{job.job_id}"
    return job
