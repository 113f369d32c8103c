"""The claim: the fairest waiting jobs of all organisations, each with a lease. Runs as the engine's role.

What passes between a commit and a worker's start is mostly round trips (`./easel bench dispatch`), so a claim is one
statement straight on the driver, and a transaction by itself (docs/adr/0032-a-claim-is-one-round-trip.md). All lease
times are the database's clock (`clock_timestamp()`), so a worker whose clock is wrong harms nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record

from app.core.enums import JobStage, JobStatus, Visibility
from app.core.ids import new_id
from app.models.jobs import SUSPECT, WAITING

AFFINITY_JOBS = 4
"""A loaded model may go before the fairest one by this many times the cost of the job that waits for the latter."""
ANY_NUMBER = 100


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """All that a worker needs to run a job, and to tell how it stands. `waited_seconds` is from accepted to claimed.

    Jobs with the same `batch_key` can share a forward pass. `others_wait` says whether, in the moment of the claim,
    there were more for this worker; who comes later rings later.
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
    visibility: Visibility
    created_at: datetime
    started_at: datetime
    waited_seconds: float
    others_wait: bool
    # As it is when it was claimed.
    status: JobStatus = JobStatus.RUNNING
    progress: float = 0.0
    stage: JobStage = JobStage.GENERATING
    error_code: str | None = None
    error_detail: str | None = None
    finished_at: datetime | None = None


_HEADS = f"""
    SELECT asked.model, head.organization_start, head.cost
    FROM unnest($1::text[]) AS asked (model), LATERAL (
        SELECT organization_start, cost FROM image_jobs WHERE {WAITING} AND model = asked.model
        ORDER BY organization_start, id LIMIT 1
    ) AS head
    ORDER BY head.organization_start
"""  # noqa: S608 (our own constant)

# Of every statement here: $1 the token, $2 the worker, $3 the lease's seconds.
_LEASE = """status = 'RUNNING', attempt = job.attempt + 1, progress = 0, stage = 'generating', lease_token = $1,
        lease_expires_at = clock_timestamp() + make_interval(secs => $3), worker = $2,
        started_at = COALESCE(job.started_at, clock_timestamp())"""
_CLAIMED = """job.organization_id, job.id, job.user_id, job.lease_token, job.attempt, job.prompt, job.negative_prompt,
        job.model, job.width, job.height, job.steps, job.guidance, job.seed, job.num_images, job.cost, job.trace_id,
        job.batch_key, job.visibility, job.created_at, job.started_at,
        EXTRACT(EPOCH FROM clock_timestamp() - job.created_at)::float8 AS waited_seconds"""
_CLAIMED_FIELDS = tuple(field.name for field in fields(ClaimedJob) if field.default is MISSING)
_COLUMNS = ", ".join(name for name in _CLAIMED_FIELDS if name != "others_wait")

# Of the models $7, when `claimed` is, which still counts as waiting here. By the order of an index: told only that any
# row will do, the planner reads the table from its beginning, where long finished jobs are.
_OTHERS_WAIT = f"""EXISTS (
            SELECT FROM unnest($7::text[]) AS asked (model), LATERAL (
                SELECT id FROM image_jobs WHERE {WAITING} AND model = asked.model
                ORDER BY organization_start, id LIMIT 2
            ) AS head
            WHERE head.id <> claimed.id
        ) OR EXISTS (
            SELECT FROM (SELECT model FROM image_jobs WHERE {SUSPECT} ORDER BY lost_at) AS suspect
            WHERE suspect.model = ANY($7)
        )"""  # noqa: S608 (our own constants)


def _suspect(models: str, condition: str = "") -> str:
    """Claim the suspect (see `ImageJob`) whose worker was lost first. Others may wait or not."""
    return f"""
        UPDATE image_jobs AS job SET {_LEASE}
        FROM (
            SELECT organization_id, id FROM image_jobs
            WHERE {SUSPECT} AND model = ANY({models}) {condition}
            ORDER BY lost_at FOR UPDATE SKIP LOCKED LIMIT 1
        ) AS next
        WHERE job.organization_id = next.organization_id AND job.id = next.id
        RETURNING {_CLAIMED}, true AS others_wait
    """  # noqa: S608 (our own constants)


def _next_of(key: str, *, suspects_first: bool) -> str:
    """Claim the fairest job among those that wait and have the same key ($4, of the column `key`).

    `slot` is the next turn of any organisation, `turn` the next turn of any of its users, and `next` that user's job of
    highest priority. Each is the first row of one index. `next` runs in those turns; the rows that gave their turns
    away get its own. What another claim holds at this moment is passed over, so nobody waits for anybody.

    `suspects_first`: if $8, and there is a suspect of the models $7, it is claimed instead.
    """
    suspect = f"suspect AS ({_suspect('$7', 'AND $8')})," if suspects_first else ""
    unless_suspect = "AND NOT EXISTS (SELECT FROM suspect)" if suspects_first else ""
    or_suspect = f"UNION ALL SELECT {_COLUMNS}, others_wait, true, NULL FROM suspect" if suspects_first else ""  # noqa: S608
    return f"""
        WITH {suspect} slot AS (
            SELECT organization_id, id, organization_start FROM image_jobs
            WHERE {WAITING} AND {key} = $4 {unless_suspect}
            ORDER BY organization_start, id
            FOR UPDATE SKIP LOCKED LIMIT 1
        ), turn AS (
            SELECT found.* FROM slot, LATERAL (
                SELECT id, user_id, user_start FROM image_jobs
                WHERE {WAITING} AND organization_id = slot.organization_id AND {key} = $4
                ORDER BY user_start, id
                FOR UPDATE SKIP LOCKED LIMIT 1
            ) AS found
        ), next AS (
            SELECT found.* FROM slot, turn, LATERAL (
                SELECT id, organization_start, user_start, num_images FROM image_jobs
                WHERE {WAITING} AND organization_id = slot.organization_id AND user_id = turn.user_id
                    AND model = $5 AND {key} = $4
                ORDER BY priority DESC, id
                FOR UPDATE SKIP LOCKED LIMIT 1
            ) AS found
        ), claimed AS (
            UPDATE image_jobs AS job
            SET organization_start = slot.organization_start, user_start = turn.user_start, {_LEASE}
            FROM slot, turn, next
            WHERE job.organization_id = slot.organization_id AND job.id = next.id AND next.num_images <= $6
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
        SELECT {_COLUMNS}, {_OTHERS_WAIT} AS others_wait, false AS suspect,
            CASE WHEN claimed.organization_start > now.last_value
                THEN setval('queue_virtual_time', claimed.organization_start) END AS virtual_time
        FROM claimed, queue_virtual_time AS now
        {or_suspect}
    """  # noqa: S608 (our own constants)


NEXT_OF_MODEL = _next_of("model", suspects_first=True)
NEXT_OF_BATCH = _next_of("batch_key", suspects_first=False)
_NEXT_SUSPECT = _suspect("$4")


class ClaimRepository:
    """On the driver's connection of a session that has the engine's role. Every statement commits by itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
    ) -> AsyncIterator[ClaimedJob]:
        """The fairest waiting job, and others that can share its forward pass, each with a lease of its own.

        `max_images` says how many images the device holds in one pass of jobs like the first one. Others follow in
        fair order, of any organisation and user, until the next one would not fit. A job of a loaded model goes first
        within a bounded window (`AFFINITY_JOBS`). A suspect comes alone; a worker that has not finished a job since it
        started is not `proven`, and gets a suspect only when nothing else waits. None: nothing to do.

        What was given is claimed, whatever becomes of the rest.
        """
        fetch, lease = self._connection.fetchrow, (worker, lease_seconds)
        order = await self._in_order(models, loaded_models)
        for model in order:
            row = await fetch(NEXT_OF_MODEL, new_token(), *lease, model, model, ANY_NUMBER, models, proven)
            if row is None:
                continue  # other workers hold all that waits for it
            job = first = _claimed(row)
            yield first
            room = 0 if row["suspect"] else max_images(first) - first.num_images
            while room > 0 and job.others_wait:
                row = await fetch(NEXT_OF_BATCH, new_token(), *lease, first.batch_key, model, room, models)
                if row is None:
                    break
                job = _claimed(row)
                yield job
                room -= job.num_images
            return
        if order and proven:
            return  # suspects were asked for with the rest
        row = await fetch(_NEXT_SUSPECT, new_token(), *lease, models)
        if row is not None:
            yield _claimed(row)

    async def _in_order(self, models: Sequence[str], loaded_models: Collection[str]) -> Sequence[str]:
        """Those that somebody waits for; with a single one the claim itself finds out."""
        if len(models) == 1:
            return models
        return _affine_order(await self._connection.fetch(_HEADS, models), loaded_models)


def _claimed(row: Record) -> ClaimedJob:
    values = {name: row[name] for name in _CLAIMED_FIELDS}
    return ClaimedJob(**values | {"visibility": Visibility(row["visibility"])})


def _affine_order(heads: Sequence[Record], loaded_models: Collection[str]) -> list[str]:
    """Models in the order in which to try them: the fairest first, unless a loaded one is nearly as fair."""
    if not heads:
        return []
    latest = heads[0]["organization_start"] + AFFINITY_JOBS * heads[0]["cost"]
    near = [head["model"] for head in heads if head["model"] in loaded_models and head["organization_start"] <= latest]
    return list(dict.fromkeys([*near, *(head["model"] for head in heads)]))
