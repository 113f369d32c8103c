"""Proving once more who one is, for what can't be undone: an open session alone is not enough."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import utc_now
from app.core.errors import Forbidden
from app.core.security import Principal
from app.schemas.proofs import ProofInput, ProofWanted
from app.services.passwords import PasswordService
from app.services.second_factors import SecondFactorService
from app.services.unit_of_work import UnitsOfWork

FRESH = timedelta(minutes=10)
"""So long ago may somebody without a password have come from their sign-in service."""


class IdentityProofs:
    def __init__(self, units: UnitsOfWork, *, passwords: PasswordService, second_factors: SecondFactorService) -> None:
        self._units = units
        self._passwords = passwords
        self._second_factors = second_factors

    async def wanted(self, principal: Principal) -> ProofWanted:
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            needs_code = await unit.second_factors.is_on(principal.user_id)
        return ProofWanted(needs_password=user.has_password, needs_code=needs_code)

    async def require(self, principal: Principal, proof: ProofInput) -> None:
        """The password, and a code where a second factor is on. Whoever has no password must have signed in just now.

        Raises `InvalidInput` for what is wrong or missing, `Forbidden` for a session that is too old, `RateLimited`.
        """
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            session = await unit.sessions.find(principal.in_session)
            needs_code = await unit.second_factors.is_on(principal.user_id)
        if user.has_password:
            await self._passwords.require(principal, proof.password or "")
        elif session is None or session.created_at < utc_now() - FRESH:
            raise Forbidden(
                f"Sign in again, then do this within {FRESH.seconds // 60} minutes.", code="fresh_sign_in_required"
            )
        if needs_code:
            await self._second_factors.require_code(principal, proof.code or "")
