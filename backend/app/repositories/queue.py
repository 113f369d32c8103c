"""The queue over all organisations: claim, heartbeat, sweep. Runs as the engine's role, which sees nothing but jobs.

All lease times are the database's clock (`clock_timestamp()`), so a worker whose clock is wrong harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import JobStatus


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """All that a worker needs to run a job. `waited_seconds` is from accepted to claimed."""

    organization_id: UUID
    id: UUID
    user_id: UUID
    lease_token: UUID
    attempt: int
    prompt: str
    negative_prompt: str | None
    model: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int
    num_images: int
    cost: int
    trace_id: str
    waited_seconds: float


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`alive` is False when the lease is gone."""

    alive: bool
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class ExpiredJob:
    """A job whose worker was not heard from in time, and what became of it."""

    organization_id: UUID
    id: UUID
    lease_token: UUID
    attempt: int
    model: str
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class QueueFigures:
    model: str
    status: JobStatus
    jobs: int
    cost: int
    oldest_seconds: float


# The sub-select takes the oldest waiting job that nobody else is taking at this moment. Writing the
# lease in the same statement makes claim and lock one round trip.
_CLAIM = text("""
    UPDATE image_jobs AS job
    SET status = 'RUNNING', attempt = attempt + 1, progress = 0, lease_token = :token,
        lease_expires_at = clock_timestamp() + make_interval(secs => :lease_seconds), worker = :worker,
        started_at = COALESCE(started_at, clock_timestamp())
    FROM (
        SELECT organization_id, id FROM image_jobs
        WHERE status = 'QUEUED' AND model = ANY(:models)
        ORDER BY created_at, id
        FOR UPDATE SKIP LOCKED LIMIT 1
    ) AS next
    WHERE job.organization_id = next.organization_id AND job.id = next.id
    RETURNING job.organization_id, job.id, job.user_id, job.lease_token, job.attempt, job.prompt, job.negative_prompt,
        job.model, job.width, job.height, job.steps, job.guidance, job.seed, job.num_images, job.cost, job.trace_id,
        EXTRACT(EPOCH FROM clock_timestamp() - job.created_at)::float8 AS waited_seconds
""")

_HEARTBEAT = text("""
    UPDATE image_jobs
    SET lease_expires_at = clock_timestamp() + make_interval(secs => :lease_seconds),
        progress = GREATEST(progress, :progress)
    WHERE organization_id = :organization_id AND id = :id AND status = 'RUNNING' AND lease_token = :token
        AND lease_expires_at > clock_timestamp()
    RETURNING cancel_requested_at IS NOT NULL AS cancel_requested
""")

_EXPIRED = text("""
    SELECT organization_id, id, lease_token, attempt, model, cancel_requested_at IS NOT NULL AS cancel_requested
    FROM image_jobs
    WHERE status = 'RUNNING' AND lease_expires_at < clock_timestamp()
    ORDER BY lease_expires_at
    FOR UPDATE SKIP LOCKED LIMIT :limit
""")

_REQUEUE = text("""
    UPDATE image_jobs
    SET status = 'QUEUED', lease_token = NULL, lease_expires_at = NULL, worker = NULL, progress = 0
    WHERE organization_id = :organization_id AND id = :id AND status = 'RUNNING' AND lease_token = :token
    RETURNING id
""")

_FIGURES = text("""
    SELECT model, status, count(*) AS jobs, sum(cost) AS cost,
        COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest_seconds
    FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY model, status
""")

_AHEAD = text("""
    SELECT count(*) AS jobs, COALESCE(sum(cost), 0)::bigint AS cost FROM image_jobs
    WHERE status = 'QUEUED' AND model = :model AND (created_at, id) < (:created_at, :id)
""")

_RUNNING_COST = text("""
    SELECT COALESCE(sum(cost * (1 - progress)), 0)::float8 FROM image_jobs WHERE status = 'RUNNING' AND model = :model
""")

_SECONDS_PER_COST = text("""
    SELECT sum(EXTRACT(EPOCH FROM finished_at - started_at))::float8 / NULLIF(sum(cost), 0) FROM (
        SELECT finished_at, started_at, cost FROM image_jobs
        WHERE status = 'COMPLETED' AND model = :model AND finished_at > now() - interval '7 days'
        ORDER BY finished_at DESC LIMIT 20
    ) AS recent
""")

_FORGET_KEYS = text("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")


class QueueRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, *, models: list[str], token: UUID, worker: str, lease_seconds: float) -> ClaimedJob | None:
        row = (
            await self._session.execute(
                _CLAIM, {"models": models, "token": token, "worker": worker, "lease_seconds": lease_seconds}
            )
        ).one_or_none()
        return ClaimedJob(**row._mapping) if row is not None else None  # noqa: SLF001 (Row's documented accessor)

    async def heartbeat(self, job: ClaimedJob, *, progress: float, lease_seconds: float) -> Heartbeat:
        row = (
            await self._session.execute(
                _HEARTBEAT,
                {
                    "organization_id": job.organization_id,
                    "id": job.id,
                    "token": job.lease_token,
                    "progress": progress,
                    "lease_seconds": lease_seconds,
                },
            )
        ).one_or_none()
        return Heartbeat(alive=row is not None, cancel_requested=bool(row and row.cancel_requested))

    async def lock_expired(self, limit: int) -> list[ExpiredJob]:
        rows = (await self._session.execute(_EXPIRED, {"limit": limit})).all()
        return [ExpiredJob(**row._mapping) for row in rows]  # noqa: SLF001 (Row's documented accessor)

    async def requeue(self, *, organization_id: UUID, job_id: UUID, token: UUID) -> bool:
        """RUNNING → QUEUED, whoever holds the lease or finds it expired. False when it was not theirs."""
        done = await self._session.scalar(_REQUEUE, {"organization_id": organization_id, "id": job_id, "token": token})
        return done is not None

    async def figures(self) -> list[QueueFigures]:
        rows = (await self._session.execute(_FIGURES)).all()
        return [
            QueueFigures(row.model, JobStatus(row.status), row.jobs, int(row.cost or 0), row.oldest_seconds)
            for row in rows
        ]

    async def waiting_models(self) -> list[str]:
        rows = await self._session.scalars(text("SELECT DISTINCT model FROM image_jobs WHERE status = 'QUEUED'"))
        return list(rows.all())

    async def ahead_of(self, *, model: str, created_at: datetime, job_id: UUID) -> tuple[int, int]:
        """How many jobs wait before this one, and their cost in pixel-steps."""
        row = (await self._session.execute(_AHEAD, {"model": model, "created_at": created_at, "id": job_id})).one()
        return int(row.jobs), int(row.cost)

    async def running_cost(self, model: str) -> float:
        """Pixel-steps that the running jobs of the model still have to do."""
        return float(await self._session.scalar(_RUNNING_COST, {"model": model}) or 0)

    async def seconds_per_cost(self, model: str) -> float | None:
        """Seconds a pixel-step took in the last runs of the model; None before the first."""
        value = await self._session.scalar(_SECONDS_PER_COST, {"model": model})
        return float(value) if value is not None else None

    async def forget_old_keys(self) -> None:
        await self._session.execute(_FORGET_KEYS)
