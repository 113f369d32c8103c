"""Deleting one's own account, and keeping it after all."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from app.api.cookies import clear_session_cookies
from app.api.deps import (
    AnyPrincipal,
    LanguageDep,
    LimitedByAddress,
    OriginDep,
    Public,
    SameOrigin,
    ServicesDep,
    SettingsDep,
)
from app.api.responses import problems
from app.schemas.accounts import AccountDeletionOut, DeletionPreview, RestoreAccount
from app.schemas.proofs import ProofInput, ProofWanted

router = APIRouter(tags=["users"])


@router.get("/users/me/proof", responses=problems(401, 403))
async def get_wanted_proof(principal: AnyPrincipal, services: ServicesDep) -> ProofWanted:
    """What you send with what can't be undone, to prove once more that it is you."""
    return await services.proofs.wanted(principal)


@router.get("/users/me/deletion", responses=problems(401, 403))
async def preview_account_deletion(principal: AnyPrincipal, services: ServicesDep) -> DeletionPreview:
    """What deleting your account takes, which organisations are in the way, and which go with it."""
    return await services.account_deletions.preview(principal)


@router.post("/users/me/deletion", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 403, 409, 422))
async def delete_account(
    body: ProofInput,
    response: Response,
    principal: AnyPrincipal,
    services: ServicesDep,
    settings: SettingsDep,
    language: LanguageDep,
) -> AccountDeletionOut:
    """Delete your account, with all that you made, at `deletion_due_at`. Sessions and API keys end now.

    Send your password, and a code where a second factor is on. An account without a password must have signed in within
    the last ten minutes (403 `fresh_sign_in_required`). 409 `owner_of_others` names the organisations that you have to
    hand on or delete first. A mail brings the link that takes it back.
    """
    asked = await services.account_deletions.ask(principal, body, language=language)
    clear_session_cookies(response, settings)
    return asked


@router.post(
    "/auth/restore-account",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(403, 422),
    dependencies=[Public, LimitedByAddress, SameOrigin],
)
async def restore_account(
    body: RestoreAccount, services: ServicesDep, origin: OriginDep, language: LanguageDep
) -> None:
    """Keep an account that is going to be deleted; then sign in anew.

    The token is from the mail's link, or from the 403 `account_closing` that signing in answers meanwhile
    (`account_closing.token`).
    """
    await services.account_deletions.restore(body.token, origin=origin, language=language)
