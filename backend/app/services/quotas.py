"""What an organisation and each of its people may use: cost a month, and jobs open at once.

Reserved at submit, settled when it is done (`repositories/completions.py`), refunded otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.core.clock import utc_now
from app.core.enums import QuotaOwner
from app.core.errors import Conflict, QuotaExceeded, QuotaFigures
from app.models import ImageJob
from app.repositories.quotas import Limits
from app.repositories.submissions import NewJob, Outcome, SubmissionRepository
from app.services.unit_of_work import TenantUnit

PIXEL_STEPS_PER_UNIT = 1_000_000
"""People see megapixel-steps; the ledger counts pixel-steps, whole numbers, so that it sums exactly."""


def to_units(pixel_steps: int) -> float:
    """Pixel-steps as megapixel-steps."""
    return pixel_steps / PIXEL_STEPS_PER_UNIT


def to_pixel_steps(units: float) -> int:
    return round(units * PIXEL_STEPS_PER_UNIT)


class QuotaService:
    def __init__(self, default_monthly: float | None, *, max_open_per_user: int | None = None) -> None:
        """`default_monthly` in megapixel-steps holds for organisations without a limit of their own; None: no limit.
        `max_open_per_user` holds for people for whom nobody has set another number of open jobs."""
        self.default_monthly = None if default_monthly is None else to_pixel_steps(default_monthly)
        self.max_open_per_user = max_open_per_user

    async def require_room(
        self, submissions: SubmissionRepository, job: NewJob, outcome: Outcome, period: date
    ) -> None:
        """After the job's submission, in its transaction, which is rolled back then. Raises `QuotaExceeded` and
        `Conflict`."""
        limits = outcome.limits
        _require_open(limits)
        if not outcome.granted_by_organization:
            used = await submissions.used(job.user_id, period)
            raise _exceeded(QuotaOwner.ORGANIZATION, limits.organization_monthly or 0, used.organization, job.cost)
        if not outcome.granted_by_person:
            used = await submissions.used(job.user_id, period)
            raise _exceeded(QuotaOwner.USER, limits.person_monthly or 0, used.person, job.cost)

    async def refund(self, unit: TenantUnit, job: ImageJob) -> None:
        await unit.quotas.refund(job.id)

    def monthly_of(self, own: int | None) -> int | None:
        """What holds for an organisation whose own limit this is."""
        return own if own is not None else self.default_monthly


def this_month() -> date:
    return utc_now().date().replace(day=1)


def next_month() -> datetime:
    """When the figures start anew, UTC."""
    first = this_month()
    year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)  # noqa: PLR2004 (December)
    return datetime(year, month, 1, tzinfo=UTC)


def _require_open(limits: Limits) -> None:
    if limits.closing:
        raise Conflict(
            "This organisation is going to be deleted, so nothing new is made in it. An owner may take that back.",
            code="organization_closing",
        )
    if limits.person_open_limit is not None and limits.person_open >= limits.person_open_limit:
        raise Conflict(
            f"You have {limits.person_open_limit} jobs waiting or running. Wait for some, or cancel some.",
            code="too_many_open_jobs",
        )
    if limits.organization_open_limit is not None and (limits.organization_open or 0) >= limits.organization_open_limit:
        raise Conflict(
            f"Your organisation has {limits.organization_open_limit} jobs waiting or running, as many as it may. "
            "Wait for some.",
            code="too_many_open_jobs",
        )


def _exceeded(owner: QuotaOwner, limit: int, used: int, requested: int) -> QuotaExceeded:
    figures = QuotaFigures(
        of=owner.value,
        limit=to_units(limit),
        used=to_units(used),
        requested=to_units(requested),
        resets_at=next_month().isoformat(),
    )
    left = max(figures.limit - figures.used, 0)
    whose = "your organisation’s" if owner is QuotaOwner.ORGANIZATION else "your own"
    return QuotaExceeded(
        f"This needs {figures.requested:g} megapixel-steps; {left:g} of {whose} {figures.limit:g} "
        f"are left until {next_month():%-d %B}. Ask for fewer or smaller images, or for a larger quota.",
        figures,
    )
