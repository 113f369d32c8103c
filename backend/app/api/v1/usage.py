"""Usage and limits."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import AnyPrincipal, OrganizationManager, ServicesDep
from app.api.responses import problems
from app.schemas.usage import LimitsOut, MemberLimitsOut, MemberLimitsPatch, OrganizationLimitsPatch, UsageOut

router = APIRouter(tags=["usage"])


@router.get("/usage", responses=problems(401, 403, 422))
async def get_usage(
    principal: AnyPrincipal,
    services: ServicesDep,
    first: Annotated[date | None, Query(description="UTC; the first of the last day's month unless given.")] = None,
    last: Annotated[date | None, Query(description="UTC, inclusive; today unless given.")] = None,
    everyones: Annotated[bool, Query(description="All of the organisation's, for owners and admins.")] = False,
) -> UsageOut:
    """What was used by day and user: your own, or everybody's. Failed and canceled jobs cost nothing."""
    return await services.usage.use(principal, first, last, everyones=everyones)


@router.get("/limits", responses=problems(401, 403))
async def get_limits(principal: OrganizationManager, services: ServicesDep) -> LimitsOut:
    """The limits of the organisation and of each member, with what is used of them."""
    return await services.usage.limits(principal)


@router.patch("/limits", responses=problems(401, 403, 422))
async def change_limits(
    body: OrganizationLimitsPatch, principal: OrganizationManager, services: ServicesDep
) -> LimitsOut:
    """They hold from the next job on. What is already accepted is not taken back."""
    return await services.usage.change(principal, body)


@router.patch("/limits/members/{member_id}", responses=problems(401, 403, 404, 422))
async def change_member_limits(
    member_id: UUID, body: MemberLimitsPatch, principal: OrganizationManager, services: ServicesDep
) -> MemberLimitsOut:
    """Of one member. Admins set those of members and viewers, owners everybody's."""
    return await services.usage.change_member(principal, member_id, body)
