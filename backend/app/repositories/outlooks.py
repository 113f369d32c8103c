"""How it looks for a waiting job: who is ahead of it, and how fast its model runs. Runs as the engine's role.

An accept asks for it when it can, so it is one round trip a statement, straight on the driver, as the claim is.
"""

from __future__ import annotations

from dataclasses import dataclass

from asyncpg import Connection

from app.models import ImageJob
from app.models.jobs import WAITING
from app.repositories.submissions import NewJob

POSITIONS_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds a pixel-step takes: `latency` for the job itself, `pace` for those who wait behind it.

    The second is the smaller one, where jobs share a pass or one is stored while the next is made. `runs` is how many
    jobs tell.
    """

    latency: float
    pace: float
    runs: int


# The same three steps as the claim's, backwards: the job's place among its user's gives a turn of that user, its place
# among the organisation's gives a turn of the organisation, and that has a place among all.
_AHEAD = f"""
    WITH mine AS (
        SELECT count(*) AS place FROM image_jobs
        WHERE {WAITING} AND organization_id = $1 AND user_id = $2 AND model = $3
            AND (priority > $4 OR (priority = $4 AND id < $5))
    ), turn AS (
        SELECT user_start, id FROM image_jobs
        WHERE {WAITING} AND organization_id = $1 AND user_id = $2 AND model = $3
        ORDER BY user_start, id OFFSET (SELECT place FROM mine) LIMIT 1
    ), ours AS (
        SELECT count(*) AS place FROM (
            SELECT FROM image_jobs, turn
            WHERE {WAITING} AND organization_id = $1 AND model = $3
                AND (image_jobs.user_start, image_jobs.id) < (turn.user_start, turn.id)
            LIMIT $6
        ) AS before
    ), slot AS (
        SELECT organization_start, id FROM image_jobs
        WHERE {WAITING} AND organization_id = $1 AND model = $3
        ORDER BY organization_start, id OFFSET (SELECT place FROM ours) LIMIT 1
    )
    SELECT count(*) AS jobs, COALESCE(sum(cost), 0)::bigint AS cost FROM (
        SELECT cost FROM image_jobs, slot
        WHERE {WAITING} AND model = $3
            AND (image_jobs.organization_start, image_jobs.id) < (slot.organization_start, slot.id)
        LIMIT $6
    ) AS before
"""  # noqa: S608 (our own constant)

# A short job ends before its progress is written down: what it has done follows from when it started.
_RUNNING_COST = """
    SELECT COALESCE(sum(CASE WHEN progress > 0 THEN cost * (1 - progress) ELSE
        GREATEST(cost - EXTRACT(EPOCH FROM clock_timestamp() - started_at)::float8 / $2, 0) END), 0)::float8
    FROM image_jobs WHERE status = 'RUNNING' AND model = $1
"""

# `overlap` is the time in which a worker was at work, by the sum of its jobs' times: jobs that share a pass, or are
# stored while the next is made, count that time once. The median keeps out the job that waited for its model.
_SPEED = """
    WITH recent AS (
        SELECT worker, started_at, finished_at, cost FROM image_jobs
        WHERE status = 'COMPLETED' AND model = $1 AND attempt = 1 AND finished_at > now() - interval '7 days'
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
"""


class OutlookRepository:
    """On the driver's connection of a session that has the engine's role."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ahead_of(self, job: ImageJob | NewJob) -> tuple[int, int]:
        """How many jobs are due before this waiting one, and their cost in pixel-steps. Counts to 10,000 at most."""
        row = await self._connection.fetchrow(
            _AHEAD, job.organization_id, job.user_id, job.model, job.priority, job.id, POSITIONS_COUNTED
        )
        return row["jobs"], row["cost"]

    async def running_cost(self, model: str, speed: Speed) -> float:
        """Pixel-steps that the running jobs of the model still have to do, as far as one can tell."""
        return float(await self._connection.fetchval(_RUNNING_COST, model, speed.latency))

    async def speed(self, model: str) -> Speed | None:
        """From the last runs of the model; None before the first."""
        row = await self._connection.fetchrow(_SPEED, model)
        if row["latency"] is None or row["overlap"] is None:
            return None
        return Speed(latency=row["latency"], pace=row["latency"] * row["overlap"], runs=row["runs"])
