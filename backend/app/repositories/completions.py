"""Finished jobs of one organisation: their images, their charge and their end in one statement, straight on the driver.

It is run once a job, like the one in `submissions.py`, and SQLAlchemy would cost several times what it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Connection

from app.repositories.claims import ClaimedJob


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image whose files are stored: what `Image` says of one, without a row behind it. The rest is its job's."""

    id: UUID
    storage_key: str
    thumbnail_key: str
    medium_key: str | None
    sha256: str
    size_bytes: int
    width: int
    height: int
    seed: int
    placeholder: str


# The job's row first, which only the holder of its lease can change; then the accounts, the organisation's before the
# person's, as all do that lock both (see `submissions.py`). What was reserved is in the ledger, and is closed once.
_COMPLETE = """
    WITH job AS (
        UPDATE image_jobs SET status = 'COMPLETED', progress = 1, lease_token = NULL, lease_expires_at = NULL,
            finished_at = clock_timestamp()
        WHERE organization_id = $1 AND id = $2 AND status = 'RUNNING' AND lease_token = $3
            AND cancel_requested_at IS NULL
        RETURNING *
    ), picture AS (
        INSERT INTO images (organization_id, id, job_id, user_id, position, visibility, storage_key, thumbnail_key,
            medium_key, sha256, size_bytes, width, height, seed, placeholder, prompt, negative_prompt, model, steps,
            guidance)
        SELECT job.organization_id, made.id, job.id, job.user_id, made.number - 1, job.visibility, made.storage_key,
            made.thumbnail_key, made.medium_key, made.sha256, made.size_bytes, made.width, made.height, made.seed,
            made.placeholder, job.prompt, job.negative_prompt, job.model, job.steps, job.guidance
        FROM job, unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::int[],
            $11::int[], $12::bigint[], $13::text[]) WITH ORDINALITY AS made (id, storage_key, thumbnail_key,
            medium_key, sha256, size_bytes, width, height, seed, placeholder, number)
    ), entry AS (
        INSERT INTO ledger_entries (organization_id, job_id, kind, user_id, period_start, amount)
        SELECT reserve.organization_id, reserve.job_id, 'settle', reserve.user_id, reserve.period_start, reserve.amount
        FROM job JOIN ledger_entries AS reserve
            ON reserve.organization_id = job.organization_id AND reserve.job_id = job.id AND reserve.kind = 'reserve'
        ON CONFLICT DO NOTHING
        RETURNING user_id, period_start, amount
    ), organization AS (
        UPDATE quota_accounts AS account
        SET reserved = account.reserved - entry.amount, charged = account.charged + entry.amount
        FROM entry WHERE account.organization_id = $1 AND account.period_start = entry.period_start
        RETURNING entry.user_id, entry.period_start, entry.amount
    ), person AS (
        UPDATE user_quota_accounts AS account
        SET reserved = account.reserved - organization.amount, charged = account.charged + organization.amount
        FROM organization
        WHERE account.organization_id = $1 AND account.user_id = organization.user_id
            AND account.period_start = organization.period_start
    )
    SELECT finished_at FROM job
"""

_CANCEL_ASKED = """
    SELECT cancel_requested_at IS NOT NULL FROM image_jobs
    WHERE organization_id = $1 AND id = $2 AND status = 'RUNNING' AND lease_token = $3
"""


class CompletionRepository:
    """On the driver's connection of a transaction of the job's organisation."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization_id = organization_id

    async def complete(self, job: ClaimedJob, images: Sequence[NewImage]) -> datetime | None:
        """RUNNING → COMPLETED, by the holder of the lease, with its images in their order and the charge of what was
        reserved. When that was. None, and nothing has changed: the lease is gone, or somebody asked to cancel."""
        columns = [
            [getattr(image, name) for image in images]
            for name in (
                *("id", "storage_key", "thumbnail_key", "medium_key", "sha256", "size_bytes"),
                *("width", "height", "seed", "placeholder"),
            )
        ]
        finished_at: datetime | None = await self._connection.fetchval(
            _COMPLETE, self._organization_id, job.id, job.lease_token, *columns
        )
        return finished_at

    async def cancel_was_asked(self, job: ClaimedJob) -> bool:
        """Whether that kept the job from its end; the lease is gone otherwise."""
        return bool(await self._connection.fetchval(_CANCEL_ASKED, self._organization_id, job.id, job.lease_token))
