"""Invitations: made by those who manage the organisation, accepted by whoever holds the link."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response, status

from app.api.cookies import set_session_cookies
from app.api.deps import (
    AnyPrincipal,
    LanguageDep,
    LimitedByAddress,
    OrganizationManager,
    Public,
    ServicesDep,
    SettingsDep,
)
from app.api.responses import problems
from app.api.v1.auth import login_response
from app.schemas.auth import LoginResponse
from app.schemas.invitations import (
    InvitationCreated,
    InvitationList,
    InvitationPreview,
    NewInvitation,
    PresentedInvitation,
)

router = APIRouter(prefix="/invitations", tags=["organizations"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409, 422))
async def create_invitation(
    body: NewInvitation, principal: OrganizationManager, services: ServicesDep, language: LanguageDep
) -> InvitationCreated:
    """Invite an address: a mail with the link goes there. You are told the link this once, to hand it on yourself.

    Inviting the address again makes a new one and ends the old. The mail is written in the language of the invited
    person's account, else in yours.
    """
    return await services.invitations.create(principal, body, language)


@router.get("", responses=problems(401, 403))
async def list_invitations(principal: OrganizationManager, services: ServicesDep) -> InvitationList:
    """Those that nobody has accepted or revoked, newest first."""
    return await services.invitations.list_open(principal)


@router.post("/{invitation_id}/send", responses=problems(401, 403, 404, 422))
async def send_invitation_again(
    invitation_id: UUID, principal: OrganizationManager, services: ServicesDep, language: LanguageDep
) -> InvitationCreated:
    """Send the mail again, with a new link that is good for as long as the first one was. The old link ends."""
    return await services.invitations.send_again(principal, invitation_id, language)


@router.delete("/{invitation_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def revoke_invitation(invitation_id: UUID, principal: OrganizationManager, services: ServicesDep) -> None:
    await services.invitations.revoke(principal, invitation_id)


@router.post("/preview", responses=problems(404, 422), dependencies=[Public, LimitedByAddress])
async def preview_invitation(body: PresentedInvitation, services: ServicesDep) -> InvitationPreview:
    """What an invitation is for. The token travels in the body, so that no log keeps it."""
    return await services.invitations.preview(body.token)


@router.post("/accept", responses=problems(401, 403, 404, 422))
async def accept_invitation(
    body: PresentedInvitation, principal: AnyPrincipal, response: Response, services: ServicesDep, settings: SettingsDep
) -> LoginResponse:
    """Join with the account that you are signed in with, and go on there with a new pair of tokens.

    Whoever is not signed in sends the token with `POST /auth/login` or `POST /auth/register`.
    """
    organization_id = await services.invitations.accept(principal.user_id, body.token, principal.origin)
    signed_in = await services.sessions.switch(principal, organization_id)
    set_session_cookies(response, signed_in, settings)
    return login_response(signed_in)
