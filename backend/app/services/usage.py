"""What was used, by whom, and how much may be: for those who manage the organisation, and for each of their own."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction
from app.core.errors import Forbidden, InvalidInput
from app.core.security import Principal
from app.models import Membership, Organization
from app.schemas.auth import QuotaOut
from app.schemas.usage import (
    DayOfUseOut,
    LimitsOut,
    MemberLimitsOut,
    MemberLimitsPatch,
    OrganizationLimitsOut,
    OrganizationLimitsPatch,
    UsageOut,
)
from app.services.policies import MANAGERS, require_manages
from app.services.quotas import QuotaService, next_month, this_month, to_pixel_steps, to_units
from app.services.unit_of_work import TenantUnit, UnitsOfWork

MAX_DAYS = 366


class UsageService:
    def __init__(self, units: UnitsOfWork, *, quotas: QuotaService, longest_job: timedelta) -> None:
        """`longest_job`: from accepted to finished. A job is charged in the month in which it was accepted."""
        self._units = units
        self._quotas = quotas
        self._longest_job = longest_job

    async def use(self, principal: Principal, first: date | None, last: date | None, *, everyones: bool) -> UsageOut:
        """By day and user, this month unless other days are asked for. Raises `Forbidden`, `InvalidInput`."""
        if everyones and principal.role not in MANAGERS:
            raise Forbidden("Only owners and admins see everybody's usage.", code="role_not_allowed")
        last = last or utc_now().date()
        first = first or last.replace(day=1)
        if not 0 <= (last - first).days < MAX_DAYS:
            raise InvalidInput.for_field(
                "/first", "bad_range", f"The first day comes before the last, at most {MAX_DAYS} days apart."
            )
        period, whose = this_month(), None if everyones else principal.user_id
        earliest = (first - min(self._longest_job, first - date.min)).replace(day=1)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            days = await unit.quotas.use_by_day(first, last, user_id=whose, earliest_period=earliest)
            limits = await unit.quotas.limits_of(
                principal.user_id, monthly=self._quotas.default_monthly, open_limit=None
            )
            used, mine = await unit.quotas.used(period), await unit.quotas.used_by(principal.user_id, period)
        return UsageOut(
            first=first,
            last=last,
            items=[
                DayOfUseOut(
                    day=each.day,
                    user_id=each.user_id,
                    user_name=each.user_name,
                    jobs=each.jobs,
                    used=to_units(each.charged),
                )
                for each in days
            ],
            organization=quota_of(limits.organization_monthly, used),
            mine=quota_of(limits.person_monthly, mine),
        )

    async def limits(self, principal: Principal) -> LimitsOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            return await self._limits(unit, await unit.organizations.get(principal.organization_id))

    async def change(self, principal: Principal, patch: OrganizationLimitsPatch) -> LimitsOut:
        """Of the organisation, and for members without limits of their own. Raises `InvalidInput` for more than the
        installation allows."""
        asked = patch.model_dump(exclude_unset=True)
        if asked.get("monthly") is not None:
            self._hold_to_installation(asked["monthly"])
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            organization = await unit.members.lock_organization()
            before = self._view(organization).model_dump()
            if "monthly" in asked:
                organization.quota_monthly = _kept(asked["monthly"])
            if "open_jobs" in asked:
                organization.max_open_jobs = asked["open_jobs"]
            if "member_monthly" in asked:
                organization.member_quota_monthly = _kept(asked["member_monthly"])
            if "member_open_jobs" in asked:
                organization.member_max_open_jobs = asked["member_open_jobs"]
            await unit.tell(
                AuditAction.QUOTA_CHANGED,
                principal,
                target=f"organization:{organization.id}",
                before={name: before[name] for name in asked},
                after=asked,
            )
            return await self._limits(unit, organization)

    async def change_member(self, principal: Principal, user_id: UUID, patch: MemberLimitsPatch) -> MemberLimitsOut:
        """Raises `Forbidden` for somebody beyond the caller's reach."""
        asked = patch.model_dump(exclude_unset=True)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            membership = await unit.members.get(user_id)
            require_manages(principal, membership.role)
            name = (await unit.users.get(user_id)).name
            used = await unit.quotas.used_by(user_id, this_month())
            before = _member(membership, name, used).model_dump()
            if "monthly" in asked:
                membership.quota_monthly = _kept(asked["monthly"])
            if "open_jobs" in asked:
                membership.max_open_jobs = asked["open_jobs"]
            await unit.tell(
                AuditAction.QUOTA_CHANGED,
                principal,
                target=f"user:{user_id}",
                before={name: before[name] for name in asked},
                after=asked,
            )
        return _member(membership, name, used)

    async def _limits(self, unit: TenantUnit, organization: Organization) -> LimitsOut:
        used = await unit.quotas.used_by_each(this_month())
        members = await unit.members.list_members()
        return LimitsOut(
            organization=self._view(organization),
            quota=quota_of(self._quotas.monthly_of(organization.quota_monthly), await unit.quotas.used(this_month())),
            members=[_member(membership, user.name, used.get(user.id, 0)) for membership, user, _ in members],
        )

    def _view(self, organization: Organization) -> OrganizationLimitsOut:
        return OrganizationLimitsOut(
            monthly=_shown(organization.quota_monthly),
            open_jobs=organization.max_open_jobs,
            member_monthly=_shown(organization.member_quota_monthly),
            member_open_jobs=organization.member_max_open_jobs,
            installation_monthly=_shown(self._quotas.default_monthly),
        )

    def _hold_to_installation(self, monthly: float) -> None:
        ceiling = self._quotas.default_monthly
        if ceiling is not None and to_pixel_steps(monthly) > ceiling:
            raise InvalidInput.for_field(
                "/monthly",
                "above_installation",
                f"This studio allows an organisation {to_units(ceiling):g} megapixel-steps a month. Ask for no more, "
                "or have whoever runs the studio raise EASEL_QUOTA_MONTHLY.",
            )


def quota_of(limit: int | None, used: int) -> QuotaOut:
    return QuotaOut(limit=_shown(limit), used=to_units(used), resets_at=next_month())


def _member(membership: Membership, name: str, used: int) -> MemberLimitsOut:
    return MemberLimitsOut(
        member_id=membership.user_id,
        name=name,
        monthly=_shown(membership.quota_monthly),
        open_jobs=membership.max_open_jobs,
        used=to_units(used),
    )


def _shown(pixel_steps: int | None) -> float | None:
    return None if pixel_steps is None else to_units(pixel_steps)


def _kept(units: float | None) -> int | None:
    return None if units is None else to_pixel_steps(units)
