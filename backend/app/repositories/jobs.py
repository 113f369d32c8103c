"""One organisation's jobs, as its members see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import utc_now
from app.core.enums import JobStatus, Visibility
from app.core.errors import NotFound
from app.core.job_states import require_transition
from app.models import ImageJob

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobRepository:
    """Constructed for one organisation; every statement names it, and row-level security holds it again."""

    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def get_visible(self, job_id: UUID, user_id: UUID) -> ImageJob:
        """The user's own job, or one that its maker shares with the organisation."""
        job = await self._session.scalar(
            select(ImageJob).where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.id == job_id,
                or_(ImageJob.user_id == user_id, ImageJob.visibility == Visibility.ORGANIZATION),
            )
        )
        if job is None:
            raise NotFound("There is no such job.", code="job_not_found")
        return job

    async def get_own_locked(self, job_id: UUID, user_id: UUID) -> ImageJob:
        job = await self._session.scalar(
            select(ImageJob)
            .where(
                ImageJob.organization_id == self._organization_id, ImageJob.id == job_id, ImageJob.user_id == user_id
            )
            .with_for_update()
        )
        if job is None:
            raise NotFound("There is no such job.", code="job_not_found")
        return job

    async def get(self, job_id: UUID) -> ImageJob:
        job = await self._session.get(ImageJob, (self._organization_id, job_id))
        if job is None:
            raise NotFound("There is no such job.", code="job_not_found")
        return job

    async def get_locked(self, job_id: UUID) -> ImageJob:
        job = await self._session.get(ImageJob, (self._organization_id, job_id), with_for_update=True)
        if job is None:
            raise NotFound("There is no such job.", code="job_not_found")
        return job

    async def page(self, user_id: UUID, *, status: JobStatus | None, before: UUID | None, limit: int) -> list[ImageJob]:
        """The user's jobs, newest first; `before` is the last id of the page before."""
        query = select(ImageJob).where(ImageJob.organization_id == self._organization_id, ImageJob.user_id == user_id)
        if status is not None:
            query = query.where(ImageJob.status == status)
        if before is not None:
            query = query.where(ImageJob.id < before)
        return list((await self._session.scalars(query.order_by(ImageJob.id.desc()).limit(limit))).all())

    async def dead_letters(self, *, before: UUID | None, limit: int) -> list[ImageJob]:
        """The organisation's jobs that failed after their last attempt and were not tried again, newest first."""
        query = select(ImageJob).where(
            ImageJob.organization_id == self._organization_id, ImageJob.dead_letter, ImageJob.retried_as.is_(None)
        )
        if before is not None:
            query = query.where(ImageJob.id < before)
        return list((await self._session.scalars(query.order_by(ImageJob.id.desc()).limit(limit))).all())

    async def get_dead_letter_locked(self, job_id: UUID) -> ImageJob:
        job = await self._session.scalar(
            select(ImageJob)
            .where(ImageJob.organization_id == self._organization_id, ImageJob.id == job_id, ImageJob.dead_letter)
            .with_for_update()
        )
        if job is None:
            raise NotFound("There is no such dead letter.", code="job_not_found")
        return job

    async def open_among(self, job_ids: Collection[UUID]) -> set[UUID]:
        """Which of these still wait or run."""
        found = await self._session.scalars(
            select(ImageJob.id).where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.id.in_(job_ids),
                ImageJob.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]),
            )
        )
        return set(found.all())

    async def lock_open(self, limit: int, *, user_id: UUID | None = None) -> Sequence[ImageJob]:
        """Waiting and running ones, of one person or of all."""
        whose = [] if user_id is None else [ImageJob.user_id == user_id]
        rows = await self._session.scalars(
            select(ImageJob)
            .where(ImageJob.organization_id == self._organization_id, *whose, ImageJob.status.in_(OPEN))
            .order_by(ImageJob.status, ImageJob.id)
            .limit(limit)
            .with_for_update()
        )
        return rows.all()

    async def request_cancel(self, job_id: UUID) -> None:
        await self._session.execute(
            update(ImageJob)
            .where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.id == job_id,
                ImageJob.status == JobStatus.RUNNING,
                ImageJob.cancel_requested_at.is_(None),
            )
            .values(cancel_requested_at=func.now())
        )

    @staticmethod
    def finish_queued(
        job: ImageJob, status: JobStatus, *, error_code: str | None = None, error_detail: str | None = None
    ) -> None:
        """QUEUED → a terminal status, of a job that this transaction has locked."""
        assert job.status is JobStatus.QUEUED, "only a waiting job ends without a lease"
        require_transition(job.status, status)
        job.status = status
        job.error_code, job.error_detail = error_code, error_detail
        job.finished_at = utc_now()

    async def finish_running(
        self,
        job_id: UUID,
        lease_token: UUID,
        status: JobStatus,
        *,
        error_code: str | None = None,
        error_detail: str | None = None,
        dead_letter: bool = False,
    ) -> datetime | None:
        """RUNNING → a terminal status, by the holder of the lease. None when the lease is gone: nothing changed."""
        require_transition(JobStatus.RUNNING, status)
        return await self._session.scalar(
            update(ImageJob)
            .where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.id == job_id,
                ImageJob.status == JobStatus.RUNNING,
                ImageJob.lease_token == lease_token,
            )
            .values(
                status=status,
                progress=1.0 if status is JobStatus.COMPLETED else ImageJob.progress,
                lease_token=None,
                lease_expires_at=None,
                error_code=error_code,
                error_detail=error_detail,
                dead_letter=dead_letter,
                finished_at=func.clock_timestamp(),
            )
            .returning(ImageJob.finished_at)
        )
