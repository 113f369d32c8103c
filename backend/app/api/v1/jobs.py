"""Follow, list, cancel and retry jobs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from app.api.deps import JobsReader, JobsWriter, ServicesDep, TraceId
from app.api.responses import problems
from app.core.enums import JobStatus
from app.schemas.jobs import JobOut, JobPage

router = APIRouter(tags=["jobs"])

Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/status/{job_id}", responses=problems(401, 403, 404, 422))
async def get_status(job_id: UUID, principal: JobsReader, services: ServicesDep) -> JobOut:
    """One job: progress, place in the queue, ETA, and its images when it is done."""
    return await services.jobs.get(principal, job_id)


@router.get("/jobs", responses=problems(401, 403, 422))
async def list_jobs(
    principal: JobsReader,
    services: ServicesDep,
    job_status: Annotated[JobStatus | None, Query(alias="status")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> JobPage:
    """Your jobs, newest first."""
    return await services.jobs.page(principal, status=job_status, cursor=cursor, limit=limit)


@router.post("/jobs/{job_id}/cancel", responses=problems(401, 403, 404, 422))
async def cancel_job(job_id: UUID, principal: JobsWriter, services: ServicesDep) -> JobOut:
    """Cancel a job. A waiting one ends now, a running one within moments; asking twice changes nothing."""
    return await services.jobs.cancel(principal, job_id)


@router.post(
    "/jobs/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 402, 403, 404, 409, 422)
)
async def retry_job(
    job_id: UUID, response: Response, principal: JobsWriter, services: ServicesDep, trace_id: TraceId
) -> JobOut:
    """A new job with the parameters of one that failed or was canceled."""
    job = await services.jobs.retry(principal, job_id, trace_id=trace_id)
    response.headers["Location"] = f"/api/v1/status/{job.job_id}"
    return job
