"""Passwords: forgotten, reset, changed."""

from __future__ import annotations

from fastapi import APIRouter, status

from app.api.deps import AnyPrincipal, LanguageDep, LimitedByAddress, OriginDep, Public, SameOrigin, ServicesDep
from app.api.responses import problems
from app.schemas.passwords import ChangePassword, ForgotPassword, ResetPassword

router = APIRouter(prefix="/auth/password", tags=["auth"])
FROM_OUR_PAGES = [Public, LimitedByAddress, SameOrigin]


@router.post(
    "/forgot", status_code=status.HTTP_204_NO_CONTENT, responses=problems(403, 422), dependencies=FROM_OUR_PAGES
)
async def forgot_password(
    body: ForgotPassword, services: ServicesDep, origin: OriginDep, language: LanguageDep
) -> None:
    """Send a link to set a new password, good for an hour. The answer is the same when there is no such account."""
    await services.passwords.forgot(body.email, origin=origin, language=language)


@router.post(
    "/reset", status_code=status.HTTP_204_NO_CONTENT, responses=problems(403, 422), dependencies=FROM_OUR_PAGES
)
async def reset_password(body: ResetPassword, services: ServicesDep, origin: OriginDep, language: LanguageDep) -> None:
    """Set a new password with the token of the mail's link. It ends every session; sign in anew."""
    await services.passwords.reset(body.token, body.password, origin=origin, language=language)


@router.put("", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 409, 422))
async def change_password(
    body: ChangePassword, principal: AnyPrincipal, services: ServicesDep, language: LanguageDep
) -> None:
    """Change your password. It ends your other sessions."""
    await services.passwords.change(principal, body.current_password, body.new_password, language=language)
