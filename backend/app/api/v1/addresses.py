"""E-mail addresses: proving that one's own is one's own."""

from __future__ import annotations

from fastapi import APIRouter, status

from app.api.deps import AnyPrincipal, LanguageDep, LimitedByAddress, OriginDep, Public, SameOrigin, ServicesDep
from app.api.responses import problems
from app.schemas.passwords import VerifyEmail

router = APIRouter(prefix="/auth/email", tags=["auth"])


@router.post(
    "/verify",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(403, 422),
    dependencies=[Public, LimitedByAddress, SameOrigin],
)
async def verify_email(body: VerifyEmail, services: ServicesDep, origin: OriginDep) -> None:
    """Say with the token of the mail's link that the address is yours."""
    await services.addresses.verify(body.token, origin=origin)


@router.post("/verification", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 409))
async def send_verification_mail(principal: AnyPrincipal, services: ServicesDep, language: LanguageDep) -> None:
    """Send the link to your address again."""
    await services.addresses.ask_again(principal, language)
