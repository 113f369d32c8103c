"""The queue over all organisations: heartbeat and sweep. Runs as the engine's role, which sees nothing but jobs.

The claim is in `claims.py`, a waiting job's place in `outlooks.py`.

All lease times are the database's clock (`clock_timestamp()`), so a worker whose clock is wrong harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import JobStage, JobStatus
from app.core.job_states import require_transition
from app.models.jobs import SUSPECT, WAITING
from app.repositories.claims import ClaimedJob


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`alive` is False when the lease is gone; `overdue` says that the job's deadline has passed."""

    alive: bool
    cancel_requested: bool
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class ExpiredJob:
    """A job whose worker was not heard from in time, and what became of it."""

    organization_id: UUID
    id: UUID
    lease_token: UUID
    attempt: int
    model: str
    cancel_requested: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class OverdueJob:
    """A job that waited past its deadline."""

    organization_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class QueueFigures:
    model: str
    status: JobStatus
    jobs: int
    cost: int
    oldest_seconds: float


_HEARTBEAT = text("""
    UPDATE image_jobs
    SET lease_expires_at = clock_timestamp() + make_interval(secs => :lease_seconds),
        progress = GREATEST(progress, :progress), stage = :stage
    WHERE organization_id = :organization_id AND id = :id AND status = 'RUNNING' AND lease_token = :token
        AND lease_expires_at > clock_timestamp()
    RETURNING cancel_requested_at IS NOT NULL AS cancel_requested, deadline_at < clock_timestamp() AS overdue
""")

_EXPIRED = text("""
    SELECT organization_id, id, lease_token, attempt, model, cancel_requested_at IS NOT NULL AS cancel_requested,
        deadline_at < clock_timestamp() AS overdue
    FROM image_jobs
    WHERE status = 'RUNNING' AND lease_expires_at < clock_timestamp()
    ORDER BY lease_expires_at
    FOR UPDATE SKIP LOCKED LIMIT :limit
""")

_REQUEUE = text("""
    UPDATE image_jobs
    SET status = 'QUEUED', lease_token = NULL, lease_expires_at = NULL, worker = NULL, progress = 0,
        attempt = attempt - :forgiven, lost_workers = lost_workers + :lost,
        lost_at = CASE WHEN :lost > 0 THEN clock_timestamp() ELSE lost_at END
    WHERE organization_id = :organization_id AND id = :id AND status = 'RUNNING' AND lease_token = :token
    RETURNING id
""")

_FIGURES = text("""
    SELECT model, status, count(*) AS jobs, sum(cost) AS cost,
        COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest_seconds
    FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY model, status
""")

# One probe of the index for each model, however many jobs wait for it.
_WAITING_MODELS = text(f"""
    WITH RECURSIVE waiting AS (
        (SELECT model FROM image_jobs WHERE {WAITING} ORDER BY model LIMIT 1)
        UNION ALL
        SELECT (SELECT model FROM image_jobs WHERE {WAITING} AND model > waiting.model ORDER BY model LIMIT 1)
        FROM waiting WHERE waiting.model IS NOT NULL
    )
    SELECT model FROM waiting WHERE model IS NOT NULL
    UNION
    SELECT model FROM image_jobs WHERE {SUSPECT}
""")  # noqa: S608 (our own constant)

_OVERDUE = text("""
    SELECT organization_id, id FROM image_jobs
    WHERE status IN ('QUEUED', 'RUNNING') AND status = 'QUEUED' AND deadline_at < clock_timestamp()
    ORDER BY deadline_at FOR UPDATE SKIP LOCKED LIMIT :limit
""")

_FORGET_KEYS = text("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")


class QueueRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def heartbeat(
        self, job: ClaimedJob, *, progress: float, lease_seconds: float, stage: JobStage = JobStage.GENERATING
    ) -> Heartbeat:
        row = (
            await self._session.execute(
                _HEARTBEAT,
                {
                    "organization_id": job.organization_id,
                    "id": job.id,
                    "token": job.lease_token,
                    "progress": progress,
                    "stage": stage,
                    "lease_seconds": lease_seconds,
                },
            )
        ).one_or_none()
        if row is None:
            return Heartbeat(alive=False, cancel_requested=False)
        return Heartbeat(alive=True, cancel_requested=row.cancel_requested, overdue=row.overdue)

    async def lock_expired(self, limit: int) -> list[ExpiredJob]:
        rows = (await self._session.execute(_EXPIRED, {"limit": limit})).all()
        return [ExpiredJob(**row._mapping) for row in rows]  # noqa: SLF001 (Row's documented accessor)

    async def lock_overdue(self, limit: int) -> list[OverdueJob]:
        """Waiting jobs whose deadline has passed."""
        rows = (await self._session.execute(_OVERDUE, {"limit": limit})).all()
        return [OverdueJob(row.organization_id, row.id) for row in rows]

    async def requeue(
        self, *, organization_id: UUID, job_id: UUID, token: UUID, forgive: bool = False, worker_lost: bool = False
    ) -> bool:
        """RUNNING → QUEUED, by whoever holds the lease or finds it expired. False when it was not theirs.

        The job keeps its turn. `forgive`: this attempt does not count, it was our wish to stop. `worker_lost`: nobody
        was heard of, so the job is a suspect now.
        """
        require_transition(JobStatus.RUNNING, JobStatus.QUEUED)
        done = await self._session.scalar(
            _REQUEUE,
            {
                "organization_id": organization_id,
                "id": job_id,
                "token": token,
                "forgiven": int(forgive),
                "lost": int(worker_lost),
            },
        )
        return done is not None

    async def figures(self) -> list[QueueFigures]:
        rows = (await self._session.execute(_FIGURES)).all()
        return [
            QueueFigures(row.model, JobStatus(row.status), row.jobs, int(row.cost or 0), row.oldest_seconds)
            for row in rows
        ]

    async def waiting_models(self) -> list[str]:
        return list((await self._session.scalars(_WAITING_MODELS)).all())

    async def forget_old_keys(self) -> None:
        await self._session.execute(_FORGET_KEYS)
