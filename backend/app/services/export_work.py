"""Making zip exports: part by part, each stored and recorded before the next, so that a kill costs one part.

Memory holds one part. Each write carries the lease; whoever lost it changes nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from app.core import metrics
from app.core.clock import utc_now
from app.core.enums import EventType, ExportKind, ExportStatus
from app.core.errors import EaselError, Forbidden, StorageFull, Unavailable
from app.core.logging import get_logger
from app.integrations.events import EventBus
from app.integrations.storage.protocol import Storage
from app.models import Export, ExportPart
from app.repositories.exports import ClaimedExport
from app.services.account_archives import AccountArchive
from app.services.announcements import job_channel
from app.services.archives import ArchiveContent, Packed
from app.services.export_views import ExportViews
from app.services.image_archives import ImageArchive
from app.services.organization_archives import OrganizationArchive
from app.services.unit_of_work import UnitsOfWork
from app.utils.zip_parts import ZipEntry, ZipPart, zip_directory

log = get_logger(__name__)

LEASE_SECONDS = 60.0
PART_IMAGES = 50
ZIP_PART = "application/octet-stream"
REMOVED_AT_ONCE = 100


class ExportWork:
    def __init__(
        self,
        units: UnitsOfWork,
        storage: Storage,
        bus: EventBus,
        views: ExportViews,
        *,
        keep_seconds: float,
        max_attempts: int,
        lease_seconds: float = LEASE_SECONDS,
        part_images: int = PART_IMAGES,
    ) -> None:
        self._units = units
        self._storage = storage
        self._bus = bus
        self._views = views
        self._keep_seconds = keep_seconds
        self._max_attempts = max_attempts
        self._lease_seconds = lease_seconds
        self._contents: dict[ExportKind, ArchiveContent] = {
            ExportKind.IMAGES: ImageArchive(units, storage, part_images=part_images),
            ExportKind.ACCOUNT: AccountArchive(units, storage, part_images=part_images),
            ExportKind.ORGANIZATION: OrganizationArchive(units, storage, part_images=part_images),
        }
        self._working = False

    async def run_waiting(self) -> int:
        """Make whatever waits, one after the other; returns how many. One run at a time is enough."""
        if self._working:
            return 0
        self._working, count = True, 0
        try:
            while claimed := await self._claim():
                await self._run(claimed)
                count += 1
        finally:
            self._working = False
        return count

    async def sweep(self) -> int:
        """Remove archives whose time is over, files first: a row tells where files may be. Returns how many."""
        removed = 0
        async with self._units.queue() as unit:
            expired = await unit.exports.expired(REMOVED_AT_ONCE)
        for organization_id, export_id in expired:
            # By their prefix, so that parts which a killed worker stored and never recorded go along.
            async for key in self._storage.list(_folder(organization_id, export_id)):
                await self._storage.delete(key)
            async with self._units.tenant(organization_id) as tenant:
                if (export := await tenant.exports.find(export_id)) is not None:
                    await tenant.exports.delete(export)
            removed += 1
        return removed

    async def _claim(self) -> ClaimedExport | None:
        async with self._units.queue() as unit:
            return await unit.exports.claim(self._lease_seconds)

    async def _run(self, claimed: ClaimedExport) -> None:
        if claimed.attempt > self._max_attempts:
            lost = (
                "The upkeep stopped several times while it packed this archive. Ask for it again, or for less at once."
            )
            await self._fail(claimed, EaselError(lost, code="worker_lost"))
            return
        try:
            while await self._next_part(claimed):
                pass
        except Forbidden as error:
            await self._fail(claimed, error)
        except (Unavailable, StorageFull) as error:
            # The lease runs out, and the next claim goes on behind the last part, until the attempts are used up.
            log.warning("export_interrupted", export_id=str(claimed.id), code=error.code)
            if claimed.attempt >= self._max_attempts:
                await self._fail(claimed, error)

    async def _next_part(self, claimed: ClaimedExport) -> bool:
        """False when the export has ended, or is no longer ours."""
        async with self._units.tenant(claimed.organization_id, claimed.user_id) as unit:
            export = await unit.exports.find_leased(claimed, self._lease_seconds)
            if export is None:
                return False
            parts = await unit.exports.parts(claimed.id)
        packed = await self._contents[export.kind].pack(export)
        if packed is not None:
            return await self._record(claimed, len(parts), packed)
        entries = [ZipEntry.from_row(row) for part in parts for row in part.entries]
        ending = ZipPart(await asyncio.to_thread(zip_directory, export.size_bytes, entries), [])
        await self._record(claimed, len(parts), Packed(ending), status=ExportStatus.COMPLETED)
        return False

    async def _record(
        self,
        claimed: ClaimedExport,
        number: int,
        packed: Packed,
        *,
        status: ExportStatus = ExportStatus.RUNNING,
    ) -> bool:
        """Store the part, then write it down. Its key has the lease in it: no late worker overwrites another's."""
        key = f"{_folder(claimed.organization_id, claimed.id)}{number}-{claimed.lease_token.hex}.part"
        stored = await self._storage.put(key, packed.part.data, content_type=ZIP_PART)
        async with self._units.tenant(claimed.organization_id, claimed.user_id) as unit:
            export = await unit.exports.find_leased(claimed, self._lease_seconds)
            if export is None:
                return False
            unit.exports.add_part(
                ExportPart(
                    organization_id=claimed.organization_id,
                    export_id=claimed.id,
                    number=number,
                    storage_key=key,
                    size_bytes=stored.size,
                    entries=[entry.as_row() for entry in packed.part.entries],
                )
            )
            export.position = packed.position
            export.done += packed.done
            export.skipped += packed.skipped
            export.size_bytes += stored.size
            export.attempt = 1  # counted anew: it does get on
            if status is not ExportStatus.RUNNING:
                self._close(export, status)
        if status is ExportStatus.COMPLETED:
            metrics.EXPORTS_MADE.inc()
        await self._tell(export)
        return True

    async def _fail(self, claimed: ClaimedExport, error: EaselError) -> None:
        async with self._units.tenant(claimed.organization_id, claimed.user_id) as unit:
            export = await unit.exports.find_leased(claimed, self._lease_seconds)
            if export is None:
                return
            export.error_code, export.error_detail = error.code, error.detail
            self._close(export, ExportStatus.FAILED)
        await self._tell(export)

    def _close(self, export: Export, status: ExportStatus) -> None:
        now = utc_now()
        export.status, export.lease_token, export.lease_expires_at = status, None, None
        export.finished_at, export.expires_at = now, now + timedelta(seconds=self._keep_seconds)

    async def _tell(self, export: Export) -> None:
        kind = {
            ExportStatus.COMPLETED: EventType.EXPORT_COMPLETED,
            ExportStatus.FAILED: EventType.EXPORT_FAILED,
        }.get(export.status, EventType.EXPORT_PROGRESS)
        channel = job_channel(export.organization_id, export.user_id)
        await self._bus.publish(channel, kind, self._views.view(export).model_dump_json())


def _folder(organization_id: UUID, export_id: UUID) -> str:
    return f"{organization_id}/exports/{export_id}/"
