"""The second factor of one's account."""

from __future__ import annotations

from fastapi import APIRouter, status

from app.api.deps import AnyPrincipal, LanguageDep, ServicesDep
from app.api.responses import problems
from app.schemas.second_factors import (
    EnrolSecondFactor,
    RecoveryCodes,
    RenewRecoveryCodes,
    SecondFactorCode,
    SecondFactorEnrolment,
    SecondFactorState,
    TurnOffSecondFactor,
)

router = APIRouter(prefix="/users/me/second-factor", tags=["users"])


@router.get("", responses=problems(401, 403))
async def get_second_factor(principal: AnyPrincipal, services: ServicesDep) -> SecondFactorState:
    """Whether you have one, and how many recovery codes are left."""
    return await services.second_factors.state(principal)


@router.post("", responses=problems(401, 403, 409, 422))
async def enrol_second_factor(
    body: EnrolSecondFactor, principal: AnyPrincipal, services: ServicesDep
) -> SecondFactorEnrolment:
    """A secret for your authenticator, shown this once. Nothing changes until you confirm it with a code."""
    return await services.second_factors.enrol(principal, body.password)


@router.post("/confirm", responses=problems(401, 403, 409, 422))
async def confirm_second_factor(
    body: SecondFactorCode, principal: AnyPrincipal, services: ServicesDep, language: LanguageDep
) -> RecoveryCodes:
    """Turn it on. Your other sessions end; the recovery codes are shown this once."""
    return await services.second_factors.confirm(principal, body.code, language=language)


@router.post("/recovery-codes", responses=problems(401, 403, 422))
async def renew_recovery_codes(
    body: RenewRecoveryCodes, principal: AnyPrincipal, services: ServicesDep
) -> RecoveryCodes:
    """Ten new recovery codes; the old ones end. Takes your password and a code."""
    return await services.second_factors.renew_codes(principal, body.password, body.code)


@router.post("/turn-off", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 409, 422))
async def turn_off_second_factor(
    body: TurnOffSecondFactor, principal: AnyPrincipal, services: ServicesDep, language: LanguageDep
) -> None:
    """Sign in by password alone again. Takes your password and a code."""
    await services.second_factors.turn_off(principal, body.password, body.code, language=language)
