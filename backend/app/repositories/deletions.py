"""Deleting one organisation's rows, a batch a statement, so that none runs for long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import JobStatus
from app.models import ImageJob, Organization, Session

_DUE = text("SELECT id FROM organizations WHERE deletion_due_at <= clock_timestamp() ORDER BY deletion_due_at, id")
# From one organisation to the next in the index, and in each a look whether there is one: no job is read twice.
_WITH_JOBS_OF = text("""
    WITH RECURSIVE each AS (
        (SELECT organization_id FROM image_jobs ORDER BY organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT organization_id FROM image_jobs WHERE organization_id > each.organization_id
                ORDER BY organization_id LIMIT 1)
        FROM each WHERE each.organization_id IS NOT NULL
    )
    SELECT organization_id FROM each WHERE organization_id IS NOT NULL AND EXISTS (
        SELECT FROM image_jobs WHERE image_jobs.organization_id = each.organization_id AND user_id = :user_id
    )
""")


class ClosingRepository:
    """Which organisations are due, and where somebody has made something: over all organisations, and no more."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def due(self) -> list[UUID]:
        return list((await self._session.scalars(_DUE)).all())

    async def organizations_with_jobs_of(self, user_id: UUID) -> list[UUID]:
        return list((await self._session.scalars(_WITH_JOBS_OF, {"user_id": user_id})).all())


class DeletionRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def find_due_locked(self, now: datetime) -> Organization | None:
        """None when its owner has taken it back, or it is gone."""
        return await self._session.scalar(
            select(Organization)
            .where(Organization.id == self._organization_id, Organization.deletion_due_at <= now)
            .with_for_update()
        )

    async def end_sessions(self, now: datetime) -> None:
        await self._session.execute(
            update(Session)
            .where(Session.organization_id == self._organization_id, Session.revoked_at.is_(None))
            .values(revoked_at=now, revoked_because="organization_deleted")
        )

    async def delete_jobs(self, limit: int) -> int:
        """Jobs that have ended, with their images and their entries of the ledger; how many."""
        some = (
            select(ImageJob.organization_id, ImageJob.id)
            .where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.status.not_in([JobStatus.QUEUED, JobStatus.RUNNING]),
            )
            .limit(limit)
        )
        rows = await self._session.scalars(
            delete(ImageJob)
            .where(tuple_(ImageJob.organization_id, ImageJob.id).in_(some))
            .returning(ImageJob.id)
            .execution_options(synchronize_session=False)
        )
        return len(rows.all())

    async def delete_organization(self) -> None:
        """The row, and whatever else still hangs on it."""
        await self._session.execute(
            delete(Organization)
            .where(Organization.id == self._organization_id)
            .execution_options(synchronize_session=False)
        )
