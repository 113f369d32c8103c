"""Limits and usage, in megapixel-steps."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.auth import QuotaOut
from app.schemas.base import Input, Output

MonthlyLimit = Annotated[
    float | None, Field(ge=0, le=1e9, description="Megapixel-steps a calendar month (UTC); null: none is set.")
]
OpenJobsLimit = Annotated[
    int | None, Field(ge=0, le=1_000_000, description="Jobs waiting or running at once; null: none is set.")
]


class DayOfUseOut(Output):
    day: date = Field(description="UTC.")
    user_id: UUID
    user_name: str
    jobs: int
    used: float = Field(description="Megapixel-steps of the jobs that finished on this day.")


class UsageOut(Output):
    first: date
    last: date
    items: list[DayOfUseOut] = Field(description="By day and user; days without use are left out.")
    organization: QuotaOut
    mine: QuotaOut = Field(description="The caller's own part of it.")


class OrganizationLimitsOut(Output):
    monthly: MonthlyLimit
    open_jobs: OpenJobsLimit
    member_monthly: MonthlyLimit
    member_open_jobs: OpenJobsLimit
    installation_monthly: MonthlyLimit = Field(description="Holds where `monthly` is null, and bounds it.")


class MemberLimitsOut(Output):
    member_id: UUID
    name: str
    monthly: MonthlyLimit = Field(description="Their own; null: `member_monthly` of the organisation holds.")
    open_jobs: OpenJobsLimit = Field(description="Their own; null: `member_open_jobs` of the organisation holds.")
    used: float = Field(description="Charged and reserved this month.")


class LimitsOut(Output):
    organization: OrganizationLimitsOut
    quota: QuotaOut
    members: list[MemberLimitsOut]


class OrganizationLimitsPatch(Input):
    """What is left out stays; null takes a limit away."""

    monthly: MonthlyLimit = None
    open_jobs: OpenJobsLimit = None
    member_monthly: MonthlyLimit = None
    member_open_jobs: OpenJobsLimit = None


class MemberLimitsPatch(Input):
    """What is left out stays; null takes a limit away."""

    monthly: MonthlyLimit = None
    open_jobs: OpenJobsLimit = None
