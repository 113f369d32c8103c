"""Exports: one organisation's, and the claim over all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import ExportKind, ExportStatus
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models import Export, ExportPart

OPEN = (ExportStatus.QUEUED, ExportStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class ClaimedExport:
    organization_id: UUID
    id: UUID
    user_id: UUID
    lease_token: UUID
    attempt: int


class ExportRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, export: Export) -> None:
        self._session.add(export)

    def add_part(self, part: ExportPart) -> None:
        self._session.add(part)

    async def count_open(self, user_id: UUID, kind: ExportKind) -> int:
        count = await self._session.scalar(
            select(func.count()).where(
                Export.organization_id == self._organization_id,
                Export.user_id == user_id,
                Export.kind == kind,
                Export.status.in_(OPEN),
            )
        )
        return count or 0

    async def has_open(self, kind: ExportKind) -> bool:
        """Whoever asked for it."""
        query = select(Export.id).where(
            Export.organization_id == self._organization_id, Export.kind == kind, Export.status.in_(OPEN)
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def list_of(self, user_id: UUID, limit: int) -> list[Export]:
        """Newest first, without those that were taken back."""
        rows = await self._session.scalars(
            select(Export)
            .where(
                Export.organization_id == self._organization_id,
                Export.user_id == user_id,
                Export.status != ExportStatus.CANCELED,
                or_(Export.expires_at.is_(None), Export.expires_at > func.now()),
            )
            .order_by(Export.id.desc())
            .limit(limit)
        )
        return list(rows.all())

    async def all_of(self, user_id: UUID) -> Sequence[Export]:
        rows = await self._session.scalars(
            select(Export).where(Export.organization_id == self._organization_id, Export.user_id == user_id)
        )
        return rows.all()

    async def get_own(self, export_id: UUID, user_id: UUID, *, locked: bool = False) -> Export:
        query = select(Export).where(
            Export.organization_id == self._organization_id,
            Export.id == export_id,
            Export.user_id == user_id,
            Export.status != ExportStatus.CANCELED,
        )
        export = await self._session.scalar(query.with_for_update() if locked else query)
        if export is None:
            raise NotFound("There is no such export.", code="export_not_found")
        return export

    async def find(self, export_id: UUID) -> Export | None:
        return await self._session.scalar(
            select(Export).where(Export.organization_id == self._organization_id, Export.id == export_id)
        )

    async def find_leased(self, claimed: ClaimedExport, lease_seconds: float) -> Export | None:
        """Locked, its lease renewed; None when the lease is gone: whatever we made of it does not count."""
        export = await self._session.scalar(
            select(Export)
            .where(
                Export.organization_id == self._organization_id,
                Export.id == claimed.id,
                Export.status == ExportStatus.RUNNING,
                Export.lease_token == claimed.lease_token,
            )
            .with_for_update()
        )
        if export is not None:
            await self._session.execute(
                update(Export)
                .where(Export.organization_id == self._organization_id, Export.id == claimed.id)
                .values(lease_expires_at=func.now() + timedelta(seconds=lease_seconds))
                .execution_options(synchronize_session=False)
            )
        return export

    async def parts(self, export_id: UUID) -> Sequence[ExportPart]:
        rows = await self._session.scalars(
            select(ExportPart)
            .where(ExportPart.organization_id == self._organization_id, ExportPart.export_id == export_id)
            .order_by(ExportPart.number)
        )
        return rows.all()

    async def delete(self, export: Export) -> None:
        await self._session.delete(export)


class ExportQueueRepository:
    """Exports of all organisations, for the upkeep."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, lease_seconds: float) -> ClaimedExport | None:
        """The one that has waited longest: new, or left behind by a worker whose lease ran out."""
        waiting = (
            select(Export.organization_id, Export.id)
            .where(
                Export.status.in_(OPEN),
                or_(Export.status == ExportStatus.QUEUED, Export.lease_expires_at < func.now()),
            )
            .order_by(Export.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (
            await self._session.execute(
                update(Export)
                .where(tuple_(Export.organization_id, Export.id).in_(waiting))
                .values(
                    status=ExportStatus.RUNNING,
                    lease_token=new_id(),
                    lease_expires_at=func.now() + timedelta(seconds=lease_seconds),
                    attempt=Export.attempt + 1,
                )
                .returning(Export.organization_id, Export.id, Export.user_id, Export.lease_token, Export.attempt)
                .execution_options(synchronize_session=False)
            )
        ).one_or_none()
        if row is None:
            return None
        assert row.lease_token is not None, "just written"
        return ClaimedExport(row.organization_id, row.id, row.user_id, row.lease_token, row.attempt)

    async def expired(self, limit: int) -> list[tuple[UUID, UUID]]:
        """(organisation, export) of those whose files are to go."""
        rows = await self._session.execute(
            select(Export.organization_id, Export.id)
            .where(Export.expires_at < func.now())
            .order_by(Export.expires_at)
            .limit(limit)
        )
        return [(row.organization_id, row.id) for row in rows]
