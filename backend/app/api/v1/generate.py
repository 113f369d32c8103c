"""Ask for images."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from app.api.deps import JobsWriter, ServicesDep, TraceId
from app.api.responses import problems
from app.schemas.jobs import GenerateRequest, JobOut

router = APIRouter(tags=["generate"])

KEY_HEADER, MAX_KEY, KEY_PATTERN = "Idempotency-Key", 255, r"^[\x21-\x7e]+$"
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=KEY_HEADER,
        min_length=1,
        max_length=MAX_KEY,
        pattern=KEY_PATTERN,
        description="Send the same key again after a broken connection: it makes no second job. Kept for 24 hours.",
    ),
]


@router.post(
    "/generate",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=JobOut,
    responses={
        200: {"model": JobOut, "description": "The key was known: this is the job that it made."},
        **problems(401, 402, 403, 409, 422),
    },
)
async def generate(
    body: GenerateRequest,
    principal: JobsWriter,
    services: ServicesDep,
    trace_id: TraceId,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Queue a job. Follow it at `Location` or in the event stream; null means the model's default."""
    submitted = await services.jobs.submit(principal, body, trace_id=trace_id, idempotency_key=idempotency_key)
    headers = {"Location": f"/api/v1/status/{submitted.job.job_id}"}
    if submitted.replayed:
        headers["Idempotent-Replayed"] = "true"
    # Written here: FastAPI would validate once more what was built by our own schema.
    return Response(
        submitted.job.as_json,
        status.HTTP_200_OK if submitted.replayed else status.HTTP_202_ACCEPTED,
        headers,
        "application/json",
    )
