"""The queue over all organisations: heartbeat, sweep, places. Runs as the engine's role, which sees nothing but jobs.

The claim is in `claims.py`.

All lease times are the database's clock (`clock_timestamp()`), so a worker whose clock is wrong harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import JobStage, JobStatus
from app.core.job_states import require_transition
from app.models import ImageJob
from app.models.jobs import SUSPECT, WAITING
from app.repositories.claims import ClaimedJob
from app.repositories.submissions import NewJob

POSITIONS_COUNTED = 10_000


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
class Speed:
    """Seconds a pixel-step takes: `latency` for the job itself, `pace` for those who wait behind it.

    The second is the smaller one, where jobs share a pass or one is stored while the next is made. `runs` is how many
    jobs tell.
    """

    latency: float
    pace: float
    runs: int


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

# The same three steps as the claim's, backwards: the job's place among its user's gives a turn of that user, its place
# among the organisation's gives a turn of the organisation, and that has a place among all.
_AHEAD = text(f"""
    WITH mine AS (
        SELECT count(*) AS place FROM image_jobs
        WHERE {WAITING} AND organization_id = :organization_id AND user_id = :user_id AND model = :model
            AND (priority > :priority OR (priority = :priority AND id < :id))
    ), turn AS (
        SELECT user_start, id FROM image_jobs
        WHERE {WAITING} AND organization_id = :organization_id AND user_id = :user_id AND model = :model
        ORDER BY user_start, id OFFSET (SELECT place FROM mine) LIMIT 1
    ), ours AS (
        SELECT count(*) AS place FROM (
            SELECT FROM image_jobs, turn
            WHERE {WAITING} AND organization_id = :organization_id AND model = :model
                AND (image_jobs.user_start, image_jobs.id) < (turn.user_start, turn.id)
            LIMIT :counted
        ) AS before
    ), slot AS (
        SELECT organization_start, id FROM image_jobs
        WHERE {WAITING} AND organization_id = :organization_id AND model = :model
        ORDER BY organization_start, id OFFSET (SELECT place FROM ours) LIMIT 1
    )
    SELECT count(*) AS jobs, COALESCE(sum(cost), 0)::bigint AS cost FROM (
        SELECT cost FROM image_jobs, slot
        WHERE {WAITING} AND model = :model
            AND (image_jobs.organization_start, image_jobs.id) < (slot.organization_start, slot.id)
        LIMIT :counted
    ) AS before
""")  # noqa: S608 (our own constant)

# A short job ends before its progress is written down: what it has done follows from when it started.
_RUNNING_COST = text("""
    SELECT COALESCE(sum(CASE WHEN progress > 0 THEN cost * (1 - progress) ELSE
        GREATEST(cost - EXTRACT(EPOCH FROM clock_timestamp() - started_at)::float8 / :latency, 0) END), 0)::float8
    FROM image_jobs WHERE status = 'RUNNING' AND model = :model
""")

# `overlap` is the time in which a worker was at work, by the sum of its jobs' times: jobs that share a pass, or are
# stored while the next is made, count that time once. The median keeps out the job that waited for its model.
_SPEED = text("""
    WITH recent AS (
        SELECT worker, started_at, finished_at, cost FROM image_jobs
        WHERE status = 'COMPLETED' AND model = :model AND attempt = 1 AND finished_at > now() - interval '7 days'
        ORDER BY finished_at DESC LIMIT 40
    ), spans AS (
        SELECT cost, EXTRACT(EPOCH FROM finished_at - started_at)::float8 AS seconds,
            EXTRACT(EPOCH FROM finished_at - GREATEST(started_at, max(finished_at) OVER (
                PARTITION BY worker ORDER BY started_at, finished_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )))::float8 AS alone
        FROM recent
    )
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds / cost) AS latency,
        sum(GREATEST(alone, 0)) / NULLIF(sum(seconds), 0) AS overlap, count(*) AS runs
    FROM spans
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

    async def ahead_of(self, job: ImageJob | NewJob) -> tuple[int, int]:
        """How many jobs are due before this waiting one, and their cost in pixel-steps. Counts to 10,000 at most."""
        values = {
            "organization_id": job.organization_id,
            "user_id": job.user_id,
            "id": job.id,
            "model": job.model,
            "priority": job.priority,
            "counted": POSITIONS_COUNTED,
        }
        row = (await self._session.execute(_AHEAD, values)).one()
        return int(row.jobs), int(row.cost)

    async def running_cost(self, model: str, speed: Speed) -> float:
        """Pixel-steps that the running jobs of the model still have to do, as far as one can tell."""
        return float(await self._session.scalar(_RUNNING_COST, {"model": model, "latency": speed.latency}) or 0)

    async def speed(self, model: str) -> Speed | None:
        """From the last runs of the model; None before the first."""
        row = (await self._session.execute(_SPEED, {"model": model})).one()
        if row.latency is None or row.overlap is None:
            return None
        return Speed(latency=row.latency, pace=row.latency * row.overlap, runs=row.runs)

    async def forget_old_keys(self) -> None:
        await self._session.execute(_FORGET_KEYS)
