"""Deleting an organisation for good, once the time is over in which an owner takes it back (`OrganizationService`).

The row of the organisation goes last. So whoever is stopped in between finds it again, and goes on where they were:
jobs that are open end, rows of jobs go with their images and ledger, then the files, then the rest.
"""

from __future__ import annotations

from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.integrations.storage.protocol import Storage
from app.services.closing import AT_ONCE, UPKEEP, end_open_jobs
from app.services.quotas import QuotaService
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)


class OrganizationPurge:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, quotas: QuotaService) -> None:
        self._units = units
        self._storage = storage
        self._quotas = quotas
        self._purging = False

    async def purge_due(self) -> int:
        """Delete all that is due; returns how many organisations are gone. One that is under way is enough."""
        if self._purging:
            return 0
        self._purging = True
        try:
            async with self._units.queue() as unit:
                due = await unit.closing.due()
            return sum([await self._purge(organization_id) for organization_id in due])
        finally:
            self._purging = False

    async def _purge(self, organization_id: UUID) -> bool:
        try:
            if not await self._close(organization_id) or not await self._end_jobs(organization_id):
                return False  # a worker holds a job: it hears of it within a heartbeat, and we come again
            jobs = await self._delete_jobs(organization_id)
            files = await self._delete_files(organization_id)
        except Unavailable as error:
            log.warning("purge_interrupted", organization_id=str(organization_id), code=error.code)
            return False
        async with self._units.tenant(organization_id) as unit:
            await unit.deletions.delete_organization()
            await unit.audit.write(
                AuditAction.ORGANIZATION_DELETED,
                organization_id=None,
                actor_id=None,
                origin=UPKEEP,
                target=f"organization:{organization_id}",
                after={"jobs": jobs, "files": files},
            )
        log.info("organization_deleted", organization_id=str(organization_id), jobs=jobs, files=files)
        return True

    async def _close(self, organization_id: UUID) -> bool:
        """Nobody is signed in to it any more. False when it was taken back meanwhile."""
        async with self._units.tenant(organization_id) as unit:
            organization = await unit.deletions.find_due_locked(utc_now())
            if organization is not None:
                await unit.deletions.end_sessions(utc_now())
        return organization is not None

    async def _end_jobs(self, organization_id: UUID) -> bool:
        return await end_open_jobs(self._units, self._quotas, organization_id)

    async def _delete_jobs(self, organization_id: UUID) -> int:
        deleted = 0
        while True:
            async with self._units.tenant(organization_id) as unit:
                some = await unit.deletions.delete_jobs(AT_ONCE)
            deleted += some
            if some == 0:
                return deleted

    async def _delete_files(self, organization_id: UUID) -> int:
        deleted = 0
        async for key in self._storage.list(f"{organization_id}/"):
            await self._storage.delete(key)
            deleted += 1
        return deleted
