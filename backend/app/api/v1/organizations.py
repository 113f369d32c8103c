"""Organisations: the caller's, and the ones between which they switch."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response, status

from app.api.cookies import clear_session_cookies, set_session_cookies
from app.api.deps import AnyPrincipal, OrganizationManager, Owner, ServicesDep, SettingsDep
from app.api.responses import problems
from app.api.v1.auth import login_response
from app.schemas.auth import LoginResponse
from app.schemas.exports import ExportOut
from app.schemas.organizations import (
    NewOrganization,
    OrganizationDeletion,
    OrganizationOut,
    OrganizationPatch,
    OwnershipTransfer,
)

router = APIRouter(prefix="/organizations", tags=["organizations"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409, 422))
async def create_organization(body: NewOrganization, principal: AnyPrincipal, services: ServicesDep) -> OrganizationOut:
    """Found an organisation and own it. You stay signed in where you are; switch to go there."""
    return await services.organizations.create(principal, body)


@router.get("/current", responses=problems(401, 403))
async def get_organization(principal: AnyPrincipal, services: ServicesDep) -> OrganizationOut:
    """The one that you are signed in to. `GET /users/me` lists all of yours."""
    return await services.organizations.get(principal)


@router.patch("/current", responses=problems(401, 403, 422))
async def rename_organization(
    body: OrganizationPatch, principal: OrganizationManager, services: ServicesDep
) -> OrganizationOut:
    return await services.organizations.rename(principal, body)


@router.post("/current/export", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 403, 409))
async def export_organization(response: Response, principal: OrganizationManager, services: ServicesDep) -> ExportOut:
    """Pack the organisation that you are signed in to into a zip archive, as a whole.

    JSON: members, invitations, limits and use by month; jobs and images with their parameters, collections, share
    links, API keys (no secrets), moderation rules and decisions, the audit log. And the files of images that are shared
    or yours: of what colleagues keep private it says that it was made, without words, parameters or file. Follow it at
    `Location` or in the event stream (`export.progress`); one is made at a time.
    """
    export = await services.exports.create_of_organization(principal)
    response.headers["Location"] = f"/api/v1/exports/{export.id}"
    return export


@router.post("/{organization_id}/switch", responses=problems(401, 403, 404, 422))
async def switch_organization(
    organization_id: UUID, principal: AnyPrincipal, response: Response, services: ServicesDep, settings: SettingsDep
) -> LoginResponse:
    """Go on in another organisation of yours, with a new pair of tokens. The former ones open nothing any more."""
    signed_in = await services.sessions.switch(principal, organization_id)
    set_session_cookies(response, signed_in, settings)
    return login_response(signed_in)


@router.post(
    "/{organization_id}/leave", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 409, 422)
)
async def leave_organization(
    organization_id: UUID, principal: AnyPrincipal, response: Response, services: ServicesDep, settings: SettingsDep
) -> None:
    """Leave the organisation that you are signed in to. The cookies go on in another one of yours, if there is one."""
    signed_in = await services.members.leave(principal, organization_id)
    if signed_in is None:
        clear_session_cookies(response, settings)
    else:
        set_session_cookies(response, signed_in, settings)


@router.post(
    "/{organization_id}/transfer", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 409, 422)
)
async def transfer_organization(
    organization_id: UUID, body: OwnershipTransfer, principal: Owner, services: ServicesDep
) -> None:
    """Hand the organisation that you are signed in to on to another member. You become an admin.

    Send the proof that `GET /users/me/proof` names.
    """
    await services.organizations.transfer(principal, organization_id, body)


@router.post(
    "/{organization_id}/deletion", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 403, 404, 422)
)
async def delete_organization(
    organization_id: UUID, body: OrganizationDeletion, principal: Owner, services: ServicesDep
) -> OrganizationOut:
    """Delete the organisation that you are signed in to, with everything in it, at `deletion_due_at`.

    Send its name and the proof that `GET /users/me/proof` names. Until it is due nothing new is made in it, and an
    owner may take it back.
    """
    return await services.organizations.ask_deletion(principal, organization_id, body)


@router.post("/{organization_id}/restore", responses=problems(401, 403, 404, 422))
async def restore_organization(organization_id: UUID, principal: Owner, services: ServicesDep) -> OrganizationOut:
    """Take back the wish to delete it."""
    return await services.organizations.take_back_deletion(principal, organization_id)
