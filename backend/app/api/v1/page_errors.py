"""Faults of the pages, told by the browsers in which they happened."""

from __future__ import annotations

from fastapi import APIRouter, status

from app.api.deps import LimitedByAddress, OriginDep, Public, SameOrigin, TraceId
from app.api.responses import problems
from app.core.logging import get_logger
from app.schemas.page_errors import PageErrorReceipt, PageErrorReport

router = APIRouter(tags=["operations"])
log = get_logger(__name__)


@router.post(
    "/page-errors",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(403, 422),
    dependencies=[Public, LimitedByAddress, SameOrigin],
)
async def report_page_error(body: PageErrorReport, origin: OriginDep, trace_id: TraceId) -> PageErrorReceipt:
    """Write the fault of a page into the log, under this request's trace. Open to all: the sign-in page breaks too."""
    log.warning(
        "page_error",
        message=body.message,
        path=body.path,
        digest=body.digest,
        stack=body.stack,
        user_agent=origin.user_agent,
    )
    return PageErrorReceipt(trace_id=trace_id)
