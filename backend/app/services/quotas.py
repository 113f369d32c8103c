"""What an organisation may use in a month. Reserved at submit, settled at finish, refunded otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.core.clock import utc_now
from app.core.enums import LedgerEntryKind
from app.core.errors import QuotaExceeded, QuotaFigures
from app.models import ImageJob, Organization
from app.services.unit_of_work import TenantUnit

PIXEL_STEPS_PER_UNIT = 1_000_000
"""People see megapixel-steps; the ledger counts pixel-steps, whole numbers, so that it sums exactly."""


def to_units(pixel_steps: int) -> float:
    """Pixel-steps as megapixel-steps."""
    return pixel_steps / PIXEL_STEPS_PER_UNIT


class QuotaService:
    def __init__(self, default_monthly: float | None) -> None:
        """`default_monthly` in megapixel-steps holds for organisations without a limit of their own; None: no limit."""
        self._default = None if default_monthly is None else round(default_monthly * PIXEL_STEPS_PER_UNIT)

    async def reserve(self, unit: TenantUnit, job: ImageJob) -> None:
        """Part of the transaction that inserts the job. Raises `QuotaExceeded` with the figures."""
        organization = await unit.organizations.get(job.organization_id)
        period, limit = this_month(), self.limit_of(organization)
        if not await unit.quotas.reserve(period, job.cost, limit):
            used = await unit.quotas.used(period)
            raise _exceeded(limit or 0, used, job.cost)
        unit.quotas.write_reserve(job_id=job.id, user_id=job.user_id, period=period, amount=job.cost)

    async def settle(self, unit: TenantUnit, job: ImageJob) -> None:
        await unit.quotas.close(job.id, LedgerEntryKind.SETTLE)

    async def refund(self, unit: TenantUnit, job: ImageJob) -> None:
        await unit.quotas.close(job.id, LedgerEntryKind.REFUND)

    def limit_of(self, organization: Organization) -> int | None:
        return organization.quota_monthly if organization.quota_monthly is not None else self._default


def this_month() -> date:
    return utc_now().date().replace(day=1)


def next_month() -> datetime:
    """When the figures start anew, UTC."""
    first = this_month()
    year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)  # noqa: PLR2004 (December)
    return datetime(year, month, 1, tzinfo=UTC)


def _exceeded(limit: int, used: int, requested: int) -> QuotaExceeded:
    figures = QuotaFigures(
        limit=to_units(limit), used=to_units(used), requested=to_units(requested), resets_at=next_month().isoformat()
    )
    left = max(figures.limit - figures.used, 0)
    return QuotaExceeded(
        f"This needs {figures.requested:g} megapixel-steps; {left:g} of {figures.limit:g} "
        f"are left until {next_month():%-d %B}. Ask for fewer or smaller images, or for a larger quota.",
        figures,
    )
