"""What waits and runs in one organisation, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One person's open jobs for one model. `cost` in pixel-steps; `oldest_seconds` of those that wait."""

    model: str
    user_id: UUID
    user_name: str
    waiting: int
    running: int
    cost: int
    oldest_seconds: float | None


_OPEN_WORK = text("""
    SELECT job.model, job.user_id, users.name AS user_name,
        count(*) FILTER (WHERE job.status = 'QUEUED') AS waiting,
        count(*) FILTER (WHERE job.status = 'RUNNING') AS running,
        sum(job.cost)::bigint AS cost,
        EXTRACT(EPOCH FROM clock_timestamp() - min(job.created_at) FILTER (WHERE job.status = 'QUEUED'))::float8
            AS oldest_seconds
    FROM image_jobs AS job JOIN users ON users.id = job.user_id
    WHERE job.organization_id = :organization_id AND job.status IN ('QUEUED', 'RUNNING')
    GROUP BY job.model, job.user_id, users.name
    ORDER BY oldest_seconds DESC NULLS LAST, users.name, job.model
""")


class OversightRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def open_work(self) -> list[OpenWork]:
        """Who waits longest comes first."""
        rows = await self._session.execute(_OPEN_WORK, {"organization_id": self._organization_id})
        return [OpenWork(**row._mapping) for row in rows]  # noqa: SLF001 (Row's documented accessor)
