"""One organisation's shares of the queue: what a job that leaves early gives back. `submissions.py` draws the turns."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ImageJob
from app.models.jobs import WAITING

_GIVE_BACK = text("""
    WITH organization AS (
        UPDATE organization_shares SET finish = finish - ceil(CAST(:cost AS bigint) / weight)::bigint
        WHERE organization_id = :organization_id
        RETURNING organization_id
    )
    UPDATE user_shares AS share SET finish = share.finish - CAST(:cost AS bigint) FROM organization
    WHERE share.organization_id = organization.organization_id AND share.user_id = :user_id
""")

# The turns of a job that leaves early pass to the latest job of its organisation and to the latest of its user, so
# that those behind move up. Only the last hundred are looked at: the queue may be long, and the gain is the same.
_MOVE_UP = text(f"""
    WITH organization AS (
        SELECT id FROM (
            SELECT id, organization_start FROM image_jobs
            WHERE {WAITING} AND organization_id = :organization_id AND model = :model AND id <> :id
            ORDER BY user_start DESC, id DESC LIMIT 100
        ) AS latest
        WHERE organization_start > :organization_start ORDER BY organization_start DESC LIMIT 1
    ), person AS (
        SELECT id FROM image_jobs
        WHERE {WAITING} AND organization_id = :organization_id AND user_id = :user_id AND model = :model
            AND id <> :id AND user_start > :user_start
        ORDER BY user_start DESC LIMIT 1
    ), moved AS (
        SELECT job.id FROM image_jobs AS job
        WHERE job.organization_id = :organization_id AND {WAITING}
            AND job.id IN (SELECT id FROM organization UNION SELECT id FROM person)
        FOR UPDATE SKIP LOCKED
    )
    UPDATE image_jobs AS job
    SET organization_start = CASE WHEN job.id = (SELECT id FROM organization)
            THEN CAST(:organization_start AS bigint) ELSE job.organization_start END,
        user_start = CASE WHEN job.id = (SELECT id FROM person) THEN CAST(:user_start AS bigint) ELSE job.user_start END
    FROM moved WHERE job.organization_id = :organization_id AND job.id = moved.id
""")  # noqa: S608 (our own constant)


class ShareRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def give_back(self, job: ImageJob) -> None:
        """A waiting job ends without having run: its shares were not used, and who waits behind it moves up."""
        await self._session.execute(
            _MOVE_UP,
            {
                "organization_id": self._organization_id,
                "user_id": job.user_id,
                "id": job.id,
                "model": job.model,
                "organization_start": job.organization_start,
                "user_start": job.user_start,
            },
        )
        await self._session.execute(
            _GIVE_BACK, {"organization_id": self._organization_id, "user_id": job.user_id, "cost": job.cost}
        )
