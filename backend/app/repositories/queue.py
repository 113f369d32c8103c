"""The queue over all organisations: claim, heartbeat, sweep. Runs as the engine's role, which sees nothing but jobs.

All lease times are the database's clock (`clock_timestamp()`), so a worker whose clock is wrong harms nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import JobStage, JobStatus
from app.core.ids import new_id
from app.core.job_states import require_transition
from app.models import ImageJob
from app.models.jobs import WAITING

AFFINITY_JOBS = 4
"""A loaded model may go before the fairest one by this many times the cost of the job that waits for the latter."""
ANY_NUMBER = 100
POSITIONS_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """All that a worker needs to run a job. `waited_seconds` is from accepted to claimed.

    Jobs with the same `batch_key` can share a forward pass.
    """

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
    batch_key: str
    waited_seconds: float


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


_HEADS = text(f"""
    SELECT asked.model, head.organization_start, head.cost
    FROM unnest(CAST(:models AS text[])) AS asked (model), LATERAL (
        SELECT organization_start, cost FROM image_jobs WHERE {WAITING} AND model = asked.model
        ORDER BY organization_start, id LIMIT 1
    ) AS head
    ORDER BY head.organization_start
""")  # noqa: S608 (our own constant)

_LEASE = """status = 'RUNNING', attempt = job.attempt + 1, progress = 0, stage = 'generating', lease_token = :token,
        lease_expires_at = clock_timestamp() + make_interval(secs => :lease_seconds), worker = :worker,
        started_at = COALESCE(job.started_at, clock_timestamp())"""
_CLAIMED = """job.organization_id, job.id, job.user_id, job.lease_token, job.attempt, job.prompt, job.negative_prompt,
        job.model, job.width, job.height, job.steps, job.guidance, job.seed, job.num_images, job.cost, job.trace_id,
        job.batch_key, EXTRACT(EPOCH FROM clock_timestamp() - job.created_at)::float8 AS waited_seconds"""


def _next_of(key: str) -> TextClause:
    """Claim the fairest job among those that wait and have the same `key` (a column).

    `slot` is the next turn of any organisation, `turn` the next turn of any of its users, and `next` that user's job of
    highest priority. Each is the first row of one index. `next` runs in those turns; the rows that gave their turns
    away get its own. What another claim holds at this moment is passed over, so nobody waits for anybody.
    """
    return text(f"""
        WITH slot AS (
            SELECT organization_id, id, organization_start FROM image_jobs
            WHERE {WAITING} AND {key} = :key
            ORDER BY organization_start, id
            FOR UPDATE SKIP LOCKED LIMIT 1
        ), turn AS (
            SELECT found.* FROM slot, LATERAL (
                SELECT id, user_id, user_start FROM image_jobs
                WHERE {WAITING} AND organization_id = slot.organization_id AND {key} = :key
                ORDER BY user_start, id
                FOR UPDATE SKIP LOCKED LIMIT 1
            ) AS found
        ), next AS (
            SELECT found.* FROM slot, turn, LATERAL (
                SELECT id, organization_start, user_start, num_images FROM image_jobs
                WHERE {WAITING} AND organization_id = slot.organization_id AND user_id = turn.user_id
                    AND model = :model AND {key} = :key
                ORDER BY priority DESC, id
                FOR UPDATE SKIP LOCKED LIMIT 1
            ) AS found
        ), claimed AS (
            UPDATE image_jobs AS job
            SET organization_start = slot.organization_start, user_start = turn.user_start, {_LEASE}
            FROM slot, turn, next
            WHERE job.organization_id = slot.organization_id AND job.id = next.id AND next.num_images <= :room
            RETURNING {_CLAIMED}, job.organization_start, job.user_start
        ), exchanged AS (
            UPDATE image_jobs AS job
            SET organization_start = CASE WHEN job.id = slot.id THEN next.organization_start
                    ELSE job.organization_start END,
                user_start = CASE WHEN job.id = turn.id THEN next.user_start ELSE job.user_start END
            FROM slot, turn, next, claimed
            WHERE job.organization_id = slot.organization_id AND job.id IN (slot.id, turn.id) AND job.id <> next.id
        ), served AS (
            UPDATE organization_shares AS share SET served = claimed.user_start
            FROM claimed
            WHERE share.organization_id = (
                SELECT organization_id FROM organization_shares
                WHERE organization_id = claimed.organization_id AND served < claimed.user_start
                FOR UPDATE SKIP LOCKED
            )
        )
        SELECT claimed.*, CASE WHEN claimed.organization_start > now.last_value
            THEN setval('queue_virtual_time', claimed.organization_start) END AS virtual_time
        FROM claimed, queue_virtual_time AS now
    """)  # noqa: S608 (our own constants)


_NEXT_OF_MODEL = _next_of("model")
_NEXT_OF_BATCH = _next_of("batch_key")

# The oldest loss first. See ImageJob on suspects.
_NEXT_SUSPECT = text(f"""
    UPDATE image_jobs AS job SET {_LEASE}
    FROM (
        SELECT organization_id, id FROM image_jobs
        WHERE status = 'QUEUED' AND lost_workers > 0 AND model = ANY(:models)
        ORDER BY lost_at FOR UPDATE SKIP LOCKED LIMIT 1
    ) AS next
    WHERE job.organization_id = next.organization_id AND job.id = next.id
    RETURNING {_CLAIMED}
""")  # noqa: S608 (our own constants)

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
    SELECT model FROM image_jobs WHERE status = 'QUEUED' AND lost_workers > 0
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

    async def claim(
        self,
        *,
        models: Sequence[str],
        loaded_models: Collection[str] = (),
        worker: str,
        lease_seconds: float,
        max_images: Callable[[ClaimedJob], int] = lambda first: first.num_images,
        proven: bool = True,
        new_token: Callable[[], UUID] = new_id,
    ) -> list[ClaimedJob]:
        """The fairest waiting job, and others that can share its forward pass, each with a lease of its own.

        `max_images` says how many images the device holds in one pass of jobs like the first one. Others follow in
        fair order, of any organisation and user, until the next one would not fit. A job of a loaded model goes first
        within a bounded window (`AFFINITY_JOBS`). A suspect comes alone; a worker that has not finished a job since it
        started is not `proven`, and gets a suspect only when nothing else waits. Empty: nothing to do.
        """
        lease = {"worker": worker, "lease_seconds": lease_seconds}
        if proven and (suspect := await self._claim_suspect(models, lease, new_token)):
            return [suspect]
        heads = (await self._session.execute(_HEADS, {"models": list(models)})).all()
        for model in _affine_order(heads, loaded_models):
            first = await self._claim_next(_NEXT_OF_MODEL, model, model, ANY_NUMBER, lease, new_token)
            if first is None:
                continue  # other workers hold all that waits for it
            batch, room = [first], max_images(first) - first.num_images
            while room > 0:
                job = await self._claim_next(_NEXT_OF_BATCH, first.batch_key, model, room, lease, new_token)
                if job is None:
                    break
                batch.append(job)
                room -= job.num_images
            return batch
        if not proven and (suspect := await self._claim_suspect(models, lease, new_token)):
            return [suspect]
        return []

    async def _claim_next(
        self,
        statement: TextClause,
        key: str,
        model: str,
        room: int,
        lease: dict[str, Any],
        new_token: Callable[[], UUID],
    ) -> ClaimedJob | None:
        values = {**lease, "key": key, "model": model, "room": room, "token": new_token()}
        return _claimed((await self._session.execute(statement, values)).one_or_none())

    async def _claim_suspect(
        self, models: Sequence[str], lease: dict[str, Any], new_token: Callable[[], UUID]
    ) -> ClaimedJob | None:
        values = {**lease, "models": list(models), "token": new_token()}
        return _claimed((await self._session.execute(_NEXT_SUSPECT, values)).one_or_none())

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

    async def ahead_of(self, job: ImageJob) -> tuple[int, int]:
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

    async def running_cost(self, model: str) -> float:
        """Pixel-steps that the running jobs of the model still have to do."""
        return float(await self._session.scalar(_RUNNING_COST, {"model": model}) or 0)

    async def seconds_per_cost(self, model: str) -> float | None:
        """Seconds a pixel-step took in the last runs of the model; None before the first."""
        value = await self._session.scalar(_SECONDS_PER_COST, {"model": model})
        return float(value) if value is not None else None

    async def forget_old_keys(self) -> None:
        await self._session.execute(_FORGET_KEYS)


def _claimed(row: Row[Any] | None) -> ClaimedJob | None:
    return ClaimedJob(**{name: getattr(row, name) for name in _CLAIMED_FIELDS}) if row is not None else None


_CLAIMED_FIELDS = tuple(field.name for field in fields(ClaimedJob))


def _affine_order(heads: Sequence[Row[Any]], loaded_models: Collection[str]) -> list[str]:
    """Models in the order in which to try them: the fairest first, unless a loaded one is nearly as fair."""
    if not heads:
        return []
    fairest = heads[0]
    latest = fairest.organization_start + AFFINITY_JOBS * fairest.cost
    near = [head.model for head in heads if head.model in loaded_models and head.organization_start <= latest]
    return list(dict.fromkeys([*near, *(head.model for head in heads)]))
