"""New jobs of one organisation. The API's hot path, so all is one statement, straight on the driver.

SQLAlchemy would cost several times what the statement does (`./easel bench accept`, docs/adr/0010-hot-path.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection

from app.core.clock import utc_now
from app.core.enums import JobStage, JobStatus, Visibility
from app.repositories.quotas import Limits, limits_query

Connect = Callable[[], Awaitable[Connection]]
"""Gives the driver's connection of the unit's transaction."""


@dataclass(slots=True)
class NewJob:
    """A job that waits and has not started: what `ImageJob` says of one, without a row behind it."""

    organization_id: UUID
    id: UUID
    user_id: UUID
    visibility: Visibility
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
    priority: int
    batch_key: str
    trace_id: str
    created_at: datetime = field(default_factory=utc_now)
    """The database's own, once it is enqueued."""
    status: JobStatus = field(default=JobStatus.QUEUED, init=False)
    progress: float = field(default=0.0, init=False)
    stage: JobStage = field(default=JobStage.GENERATING, init=False)
    attempt: int = field(default=0, init=False)
    error_code: str | None = field(default=None, init=False)
    error_detail: str | None = field(default=None, init=False)
    started_at: datetime | None = field(default=None, init=False)
    finished_at: datetime | None = field(default=None, init=False)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A client's word for one request, and the hash of what it asked for."""

    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class RecordedKey:
    """What an idempotency key was used for."""

    job_id: UUID
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the statement found. Unless all is well, the transaction has to be rolled back.

    `key_is_new` is False when another request used the key before; `limits` are as they were before this job. Unless
    granted, a month's limit does not allow the cost; the person's account is asked only after the organisation's.
    """

    key_is_new: bool
    limits: Limits
    granted_by_organization: bool
    granted_by_person: bool


@dataclass(frozen=True, slots=True)
class Used:
    """Charged and reserved in a month, in pixel-steps."""

    organization: int
    person: int


_LOCK_CLASS = 0x4A0B
"""Among PostgreSQL's advisory locks; the second number is the organisation's."""


def lock_submissions(organization_id: UUID) -> str:
    """The statement after which everything that earlier submits of the organisation took can be seen, and no other one
    comes between until the transaction ends. An id needs no quoting."""
    return f"SELECT pg_advisory_xact_lock({_LOCK_CLASS}, hashtext('{organization_id}'))"


# Start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing", SIGCOMM 1996), on two levels: a job's start
# is the larger of the level's virtual time and the finish of the owner's job before; its finish is its start plus cost
# by weight.
# The organisation's account before the person's, always: two who lock both in the same order never wait for each other.
SUBMIT = f"""
    WITH limits AS MATERIALIZED ({limits_query(organization="$1", person="$3", open_limit="$23", monthly="$22")}
    ), remembered AS (
        INSERT INTO idempotency_keys (organization_id, user_id, key, body_hash, job_id)
        SELECT $1, $3, $19, $20, $2 WHERE $19::text IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING key
    ), organization AS (
        INSERT INTO organization_shares AS share (organization_id, finish)
        SELECT $1, last_value + $14::bigint FROM queue_virtual_time
        ON CONFLICT (organization_id) DO UPDATE
        SET finish = GREATEST(share.finish, excluded.finish - $14) + ceil($14 / share.weight)::bigint
        RETURNING finish - ceil($14 / weight)::bigint AS start, served
    ), person AS (
        INSERT INTO user_shares AS share (organization_id, user_id, finish)
        SELECT $1, $3, served + $14 FROM organization
        ON CONFLICT (organization_id, user_id) DO UPDATE
        SET finish = GREATEST(share.finish, excluded.finish - $14) + $14
        RETURNING finish - $14 AS start
    ), job AS (
        INSERT INTO image_jobs (organization_id, id, user_id, status, visibility, prompt, negative_prompt, model, width,
            height, steps, guidance, seed, num_images, cost, priority, batch_key, trace_id, deadline_at,
            organization_start, user_start)
        SELECT $1, $2, $3, 'QUEUED', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
            clock_timestamp() + make_interval(secs => $18), organization.start, person.start
        FROM organization, person
        RETURNING created_at
    ), account AS (
        INSERT INTO quota_accounts AS account (organization_id, period_start, reserved)
        SELECT $1, $21::date, $14 FROM limits, person WHERE organization_monthly IS NULL OR $14 <= organization_monthly
        ON CONFLICT (organization_id, period_start) DO UPDATE SET reserved = account.reserved + excluded.reserved
        WHERE (SELECT organization_monthly IS NULL
            OR account.reserved + account.charged + excluded.reserved <= organization_monthly FROM limits)
        RETURNING organization_id
    ), own_account AS (
        INSERT INTO user_quota_accounts AS account (organization_id, user_id, period_start, reserved)
        SELECT $1, $3, $21, $14 FROM limits, account WHERE person_monthly IS NULL OR $14 <= person_monthly
        ON CONFLICT (organization_id, user_id, period_start) DO UPDATE
        SET reserved = account.reserved + excluded.reserved
        WHERE (SELECT person_monthly IS NULL
            OR account.reserved + account.charged + excluded.reserved <= person_monthly FROM limits)
        RETURNING organization_id
    ), entry AS (
        INSERT INTO ledger_entries (organization_id, job_id, kind, user_id, period_start, amount)
        SELECT $1, $2, 'reserve', $3, $21, $14 FROM own_account
    )
    SELECT limits.*, job.created_at, EXISTS (SELECT FROM remembered) AS key_is_new,
        EXISTS (SELECT FROM account) AS by_organization, EXISTS (SELECT FROM own_account) AS by_person
    FROM job, limits
"""  # noqa: S608 (our own text)

_FIND_KEY = """
    SELECT job_id, body_hash FROM idempotency_keys WHERE organization_id = $1 AND user_id = $2 AND key = $3
"""

_USED = """
    SELECT COALESCE((SELECT reserved + charged FROM quota_accounts
            WHERE organization_id = $1 AND period_start = $3), 0) AS organization,
        COALESCE((SELECT reserved + charged FROM user_quota_accounts
            WHERE organization_id = $1 AND user_id = $2 AND period_start = $3), 0) AS person
"""


class SubmissionRepository:
    """Constructed for one organisation; every statement names it, and row-level security holds it again.

    `locked`: whoever opened the transaction has run `lock_submissions`.
    """

    def __init__(self, connect: Connect, organization_id: UUID, *, locked: bool = False) -> None:
        self._connect = connect
        self._organization_id = organization_id
        self._locked = locked

    async def submit(
        self,
        job: NewJob,
        *,
        deadline_seconds: float,
        period: date,
        default_monthly: int | None = None,
        open_limit: int | None = None,
        key: KeyUse | None = None,
    ) -> Outcome:
        """Put the job into the queue at the next turn of its organisation and of its user, and reserve its cost.

        Its deadline is by the database's clock, which also says when it was made. `default_monthly` (pixel-steps) and
        `open_limit` hold for organisations and people for whom nobody has set another limit.
        """
        connection = await self._connect()
        if not self._locked:
            await connection.execute(lock_submissions(self._organization_id))
            self._locked = True
        row = await connection.fetchrow(
            SUBMIT,
            self._organization_id,
            job.id,
            job.user_id,
            job.visibility.value,
            job.prompt,
            job.negative_prompt,
            job.model,
            job.width,
            job.height,
            job.steps,
            job.guidance,
            job.seed,
            job.num_images,
            job.cost,
            job.priority,
            job.batch_key,
            job.trace_id,
            deadline_seconds,
            key and key.key,
            key and key.body_hash,
            period,
            default_monthly,
            open_limit,
        )
        *limits, job.created_at, key_is_new, by_organization, by_person = row
        return Outcome(key is None or key_is_new, Limits(*limits), by_organization, by_person)

    async def find_key(self, user_id: UUID, key: str) -> RecordedKey | None:
        connection = await self._connect()
        row = await connection.fetchrow(_FIND_KEY, self._organization_id, user_id, key)
        return RecordedKey(row["job_id"], row["body_hash"]) if row is not None else None

    async def used(self, user_id: UUID, period: date) -> Used:
        """What was used already, when a limit has refused the job."""
        connection = await self._connect()
        return Used(*await connection.fetchrow(_USED, self._organization_id, user_id, period))
