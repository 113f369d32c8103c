"""One organisation's quota accounts and ledger. Costs in pixel-steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import QuotaAccount, UserQuotaAccount


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one person in the organisation, and how many jobs are open. None: no limit is set. `closing`: an
    owner has asked to delete it.

    Both counts stop at their limit; `organization_open` is None where there is none.
    """

    closing: bool
    organization_monthly: int | None
    person_monthly: int | None
    organization_open_limit: int | None
    person_open_limit: int | None
    organization_open: int | None
    person_open: int


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What one person was charged on one day (UTC)."""

    day: date
    user_id: UUID
    user_name: str
    jobs: int
    charged: int


def limits_query(*, organization: str, person: str, open_limit: str, monthly: str) -> str:
    """The columns of `Limits`, in their order. The arguments are how the statement around it writes its parameters:
    whose limits, and what holds for people and organisations for whom nobody has set another one."""
    return f"""
        SELECT owned.*,
            CASE WHEN organization_open_limit IS NOT NULL THEN (SELECT count(*) FROM (
                SELECT FROM image_jobs WHERE organization_id = {organization} AND status IN ('QUEUED', 'RUNNING')
                LIMIT organization_open_limit) AS open) END AS organization_open,
            (SELECT count(*) FROM (
                SELECT FROM image_jobs
                WHERE organization_id = {organization} AND user_id = {person} AND status IN ('QUEUED', 'RUNNING')
                LIMIT person_open_limit) AS open) AS person_open
        FROM (
            SELECT organization.deletion_due_at IS NOT NULL AS closing,
                COALESCE(organization.quota_monthly, CAST({monthly} AS bigint)) AS organization_monthly,
                COALESCE(membership.quota_monthly, organization.member_quota_monthly) AS person_monthly,
                organization.max_open_jobs AS organization_open_limit,
                COALESCE(membership.max_open_jobs, organization.member_max_open_jobs,
                    CAST({open_limit} AS integer)) AS person_open_limit
            FROM organizations AS organization LEFT JOIN memberships AS membership
                ON membership.organization_id = organization.id AND membership.user_id = {person}
            WHERE organization.id = {organization}
        ) AS owned"""  # noqa: S608 (our own text)


_LIMITS = text(
    limits_query(organization=":organization_id", person=":user_id", open_limit=":open_limit", monthly=":monthly")
)

_REFUND = text("""
    WITH entry AS (
        INSERT INTO ledger_entries (organization_id, job_id, kind, user_id, period_start, amount)
        SELECT organization_id, job_id, 'refund', user_id, period_start, amount FROM ledger_entries
        WHERE organization_id = :organization_id AND job_id = :job_id AND kind = 'reserve'
        ON CONFLICT DO NOTHING
        RETURNING user_id, period_start, amount
    ), organization AS (
        UPDATE quota_accounts AS account SET reserved = account.reserved - entry.amount
        FROM entry WHERE account.organization_id = :organization_id AND account.period_start = entry.period_start
        RETURNING entry.user_id, entry.period_start, entry.amount
    )
    UPDATE user_quota_accounts AS account SET reserved = account.reserved - organization.amount
    FROM organization
    WHERE account.organization_id = :organization_id AND account.user_id = organization.user_id
        AND account.period_start = organization.period_start
""")

_USE_BY_DAY = text("""
    SELECT (entry.created_at AT TIME ZONE 'UTC')::date AS day, entry.user_id, users.name AS user_name,
        count(*) AS jobs, sum(entry.amount)::bigint AS charged
    FROM ledger_entries AS entry JOIN users ON users.id = entry.user_id
    WHERE entry.organization_id = :organization_id AND entry.kind = 'settle'
        AND entry.period_start >= :earliest_period
        AND entry.created_at >= CAST(:first AS date)::timestamp AT TIME ZONE 'UTC'
        AND entry.created_at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE 'UTC'
        AND (CAST(:user_id AS uuid) IS NULL OR entry.user_id = CAST(:user_id AS uuid))
    GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
""")


class QuotaRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def limits_of(self, user_id: UUID, *, monthly: int | None, open_limit: int | None) -> Limits:
        """`monthly` and `open_limit` hold for organisations and people for whom nobody has set another limit."""
        values = {
            "organization_id": self._organization_id,
            "user_id": user_id,
            "monthly": monthly,
            "open_limit": open_limit,
        }
        return Limits(*(await self._session.execute(_LIMITS, values)).one())

    async def used(self, period: date) -> int:
        """Charged and reserved, of the whole organisation."""
        value = await self._session.scalar(
            select(QuotaAccount.reserved + QuotaAccount.charged).where(
                QuotaAccount.organization_id == self._organization_id, QuotaAccount.period_start == period
            )
        )
        return value or 0

    async def used_by(self, user_id: UUID, period: date) -> int:
        """Charged and reserved, of one person."""
        value = await self._session.scalar(
            select(UserQuotaAccount.reserved + UserQuotaAccount.charged).where(
                UserQuotaAccount.organization_id == self._organization_id,
                UserQuotaAccount.user_id == user_id,
                UserQuotaAccount.period_start == period,
            )
        )
        return value or 0

    async def used_by_each(self, period: date) -> dict[UUID, int]:
        """Charged and reserved, of everybody who has used anything."""
        rows = await self._session.execute(
            select(
                UserQuotaAccount.user_id, (UserQuotaAccount.reserved + UserQuotaAccount.charged).label("used")
            ).where(UserQuotaAccount.organization_id == self._organization_id, UserQuotaAccount.period_start == period)
        )
        return {each.user_id: each.used for each in rows}

    async def use_by_day(
        self, first: date, last: date, *, user_id: UUID | None, earliest_period: date
    ) -> list[DayOfUse]:
        """What was charged from the first to the last day, both inclusive (UTC); of everybody when `user_id` is None.

        `earliest_period` is the month that the oldest of these jobs can have been accepted in.
        """
        values = {
            "organization_id": self._organization_id,
            "user_id": user_id,
            "first": first,
            "last": last,
            "earliest_period": earliest_period,
        }
        return [DayOfUse(**row._mapping) for row in await self._session.execute(_USE_BY_DAY, values)]  # noqa: SLF001

    async def refund(self, job_id: UUID) -> None:
        """Give back what was reserved for the job, once: a second time changes nothing."""
        await self._session.flush()
        await self._session.execute(_REFUND, {"organization_id": self._organization_id, "job_id": job_id})
