"""The audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.api.deps import OrganizationManager, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.core.enums import AuditAction
from app.core.security import Principal
from app.schemas.audit import AuditPage
from app.services.audit import AuditFilter
from app.services.container import Services

router = APIRouter(prefix="/audit", tags=["audit"])


def audit_filter(
    action: AuditAction | None = None,
    actor: Annotated[UUID | None, Query(description="A user's id.")] = None,
    before: Annotated[datetime | None, Query(description="Before this time (RFC 3339).")] = None,
    after: Annotated[datetime | None, Query(description="After this time (RFC 3339).")] = None,
) -> AuditFilter:
    return AuditFilter(action=action, actor_id=actor, before=before, after=after)


Wanted = Annotated[AuditFilter, Depends(audit_filter)]


class JsonLinesResponse(StreamingResponse):
    media_type = "application/x-ndjson"


@router.get("", responses=problems(401, 403, 422))
async def list_audit_events(
    principal: OrganizationManager, services: ServicesDep, wanted: Wanted, cursor: Cursor = None, limit: Limit = 50
) -> AuditPage:
    """Who did what, from where, newest first."""
    return await services.audit.page(principal, wanted, cursor=cursor, limit=limit)


@router.get(
    "/export",
    response_class=JsonLinesResponse,
    responses={
        200: {
            "description": "One AuditEventOut a line, newest first.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 422),
    },
)
async def export_audit_events(
    principal: OrganizationManager, services: ServicesDep, wanted: Wanted
) -> JsonLinesResponse:
    """The log as JSON lines."""
    return JsonLinesResponse(
        _lines(services, principal, wanted), headers={"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    )


async def _lines(services: Services, principal: Principal, wanted: AuditFilter) -> AsyncIterator[bytes]:
    async for event in services.audit.export(principal, wanted):
        yield event.model_dump_json().encode() + b"\n"
