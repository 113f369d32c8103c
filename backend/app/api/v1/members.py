"""Members of the caller's organisation."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, status

from app.api.deps import AnyPrincipal, LanguageDep, OrganizationManager, ServicesDep
from app.api.responses import problems
from app.schemas.organizations import MemberList, MemberOut, RoleChange

router = APIRouter(prefix="/members", tags=["organizations"])


@router.get("", responses=problems(401, 403))
async def list_members(principal: AnyPrincipal, services: ServicesDep) -> MemberList:
    """Everybody in the organisation, owners first."""
    return await services.members.list_members(principal)


@router.patch("/{member_id}", responses=problems(401, 403, 404, 409, 422))
async def change_member_role(
    member_id: UUID, body: RoleChange, principal: OrganizationManager, services: ServicesDep
) -> MemberOut:
    """It counts within five seconds. Admins manage members and viewers, owners everybody; an owner has to be left."""
    return await services.members.change_role(principal, member_id, body.role)


@router.delete("/{member_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 409, 422))
async def remove_member(member_id: UUID, principal: OrganizationManager, services: ServicesDep) -> None:
    """Their sessions and keys here end within five seconds. What they made stays with the organisation."""
    await services.members.remove(principal, member_id)


@router.post("/{member_id}/sign-out", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def end_member_sessions(member_id: UUID, principal: OrganizationManager, services: ServicesDep) -> None:
    """End every session that the member has in this organisation, within five seconds. Keys and membership stay."""
    await services.members.end_sessions(principal, member_id)


@router.delete(
    "/{member_id}/second-factor",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 403, 404, 409, 422),
)
async def reset_member_second_factor(
    member_id: UUID, principal: OrganizationManager, services: ServicesDep, language: LanguageDep
) -> None:
    """For somebody who lost their authenticator and the recovery codes. Their password alone opens the account then;
    their sessions end, and a mail tells them. Only for those who belong to no other organisation."""
    await services.second_factors.reset_member(principal, member_id, language=language)
