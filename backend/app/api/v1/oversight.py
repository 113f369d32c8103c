"""The queue and the workers, for owners and admins."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import OrganizationManager, ServicesDep
from app.api.responses import problems
from app.schemas.oversight import QueueOut, WorkerList

router = APIRouter(prefix="/admin", tags=["admin"])


@router.get("/queue", responses=problems(401, 403))
async def get_queue(principal: OrganizationManager, services: ServicesDep) -> QueueOut:
    """What waits and runs in your organisation, by person and model."""
    return await services.oversight.queue(principal)


@router.get("/workers", responses=problems(401, 403))
async def list_workers(_: OrganizationManager, services: ServicesDep) -> WorkerList:
    """The workers that were heard from in the last half minute, what they hold and whether they work."""
    return await services.oversight.workers()
