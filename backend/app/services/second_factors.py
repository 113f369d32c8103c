"""The second factor: turning it on and off, and the second step of signing in."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import segno

from app.core import totp
from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, TokenPurpose
from app.core.errors import Conflict, InvalidInput, NotFound, SecondFactorRequired, Unauthenticated
from app.core.keys import derive_key
from app.core.logging import get_logger
from app.core.sealing import BrokenSeal, Sealer
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import SecondFactor, User
from app.schemas.second_factors import RecoveryCodes, SecondFactorEnrolment, SecondFactorState
from app.services.letters import write_letter
from app.services.limits import GuessLimits
from app.services.mails import MailService
from app.services.passwords import PasswordService
from app.services.policies import require_manages
from app.services.sessions import SessionService, SignIn
from app.services.unit_of_work import IdentityUnit, UnitsOfWork

log = get_logger(__name__)

PENDING = timedelta(minutes=5)
"""Between the password and the code."""
RECOVERY_CODES = 10
ISSUER = "Easel"
_MARKS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is easily taken for another
_GROUPS, _GROUP = 3, 4


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service needs of others."""

    passwords: PasswordService
    sessions: SessionService
    guesses: GuessLimits
    mails: MailService


class SecondFactorService:
    def __init__(self, units: UnitsOfWork, parts: Parts, *, secret: bytes, public_url: str) -> None:
        self._units = units
        self._parts = parts
        self._sealer = Sealer(secret, "second-factors")
        self._recovery_key = derive_key(secret, "recovery-codes")
        self._public_url = public_url

    # ------------------------------------------------------------------------------------------ turning it on and off

    async def state(self, principal: Principal) -> SecondFactorState:
        async with self._units.identity(principal.user_id) as unit:
            factor = await unit.second_factors.find(principal.user_id)
            left = await unit.second_factors.codes_left(principal.user_id)
        confirmed = factor.confirmed_at if factor is not None else None
        return SecondFactorState(enabled=confirmed is not None, confirmed_at=confirmed, recovery_codes_left=left)

    async def enrol(self, principal: Principal, password: str) -> SecondFactorEnrolment:
        """A new secret, told this once. It counts when a code of it has come back (`confirm`).

        Raises `Conflict` when there is a second factor already, and what `PasswordService.require` raises.
        """
        await self._parts.passwords.require(principal, password)
        secret = totp.new_secret()
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            await self._require_off(unit, principal.user_id)
            await unit.second_factors.remove(principal.user_id)
            sealed = self._sealer.seal(secret, principal.user_id.bytes)
            unit.second_factors.add(SecondFactor(user_id=principal.user_id, sealed_secret=sealed))
        uri = totp.provisioning_uri(secret, account=user.email or user.name, issuer=ISSUER)
        return SecondFactorEnrolment(secret=totp.as_text(secret), uri=uri, qr_svg=_picture_of(uri))

    async def confirm(self, principal: Principal, code: str, *, language: Language) -> RecoveryCodes:
        """Turn it on, and end the sessions that did without it. Raises `InvalidInput` for a wrong code."""
        suspects = await self._parts.guesses.admit_person(principal.user_id, "second-factor")
        codes = _new_codes()
        async with self._units.identity(principal.user_id) as unit:
            await self._require_off(unit, principal.user_id)
            factor = await unit.second_factors.find_locked(principal.user_id)
            if factor is None or not self._takes(factor, code):
                raise _wrong_code()
            factor.confirmed_at = utc_now()
            await unit.second_factors.replace_codes(principal.user_id, self._hashes(principal.user_id, codes))
            ended = await self._parts.sessions.end_all_of(
                unit, principal.user_id, because="second_factor_on", but=principal.in_session
            )
            await self._tell(unit, AuditAction.SECOND_FACTOR_ON, principal, {"ended_sessions": len(ended)})
            await self._write(unit, principal.user_id, "second_factor_on", language)
        await self._parts.guesses.forgive(suspects)
        return RecoveryCodes(codes=codes)

    async def renew_codes(self, principal: Principal, password: str, code: str) -> RecoveryCodes:
        """Ten new recovery codes; the old ones end. Both factors are asked for, as in `turn_off`."""
        await self._parts.passwords.require(principal, password)
        codes = _new_codes()
        suspects = await self._parts.guesses.admit_person(principal.user_id, "second-factor")
        async with self._units.identity(principal.user_id) as unit:
            if await self._accept(unit, principal.user_id, code) is None:
                raise _wrong_code()
            await unit.second_factors.replace_codes(principal.user_id, self._hashes(principal.user_id, codes))
            await self._tell(unit, AuditAction.RECOVERY_CODES_RENEWED, principal)
        await self._parts.guesses.forgive(suspects)
        return RecoveryCodes(codes=codes)

    async def turn_off(self, principal: Principal, password: str, code: str, *, language: Language) -> None:
        """Asks for both factors. Raises `InvalidInput` for whichever is wrong."""
        await self._parts.passwords.require(principal, password)
        suspects = await self._parts.guesses.admit_person(principal.user_id, "second-factor")
        async with self._units.identity(principal.user_id) as unit:
            if await self._accept(unit, principal.user_id, code) is None:
                raise _wrong_code()
            await unit.second_factors.remove(principal.user_id)
            await self._tell(unit, AuditAction.SECOND_FACTOR_OFF, principal)
            await self._write(unit, principal.user_id, "second_factor_off", language)
        await self._parts.guesses.forgive(suspects)

    async def require_code(self, principal: Principal, code: str) -> None:
        """Whoever sits before an open session has the second factor, too. Raises `InvalidInput` for a wrong code."""
        suspects = await self._parts.guesses.admit_person(principal.user_id, "second-factor")
        async with self._units.identity(principal.user_id) as unit:
            if await self._accept(unit, principal.user_id, code) is None:
                raise _wrong_code()
        await self._parts.guesses.forgive(suspects)

    async def reset_member(self, principal: Principal, user_id: UUID, *, language: Language) -> None:
        """For a member who lost both authenticator and recovery codes: their password alone opens the account.

        An account that opens other organisations as well is not this one's to weaken. Raises `NotFound`, `Forbidden`
        for a role beyond the caller's reach, and `Conflict`.
        """
        async with self._units.identity(user_id) as unit:
            roles = {each.id: role for each, role in await unit.organizations.memberships_of(user_id)}
            if principal.organization_id not in roles:
                raise NotFound("There is no such member.", code="member_not_found")
            require_manages(principal, roles[principal.organization_id])
            await _require_resettable(unit, principal, user_id, belongs_elsewhere=len(roles) > 1)
            await unit.second_factors.remove(user_id)
            ended = await self._parts.sessions.end_all_of(unit, user_id, because="second_factor_reset")
            await unit.audit.write(
                AuditAction.SECOND_FACTOR_RESET,
                organization_id=principal.organization_id,
                actor_id=principal.user_id,
                origin=principal.origin,
                target=f"user:{user_id}",
                after={"ended_sessions": len(ended)},
            )
            admin = await unit.users.get(principal.user_id)
            await self._write(unit, user_id, "second_factor_reset", language, admin=admin.name)
        log.info("second_factor_reset", user_id=str(user_id), by=str(principal.user_id))

    # ------------------------------------------------------------------------------------------------- signing in

    async def hold_to(self, user_id: UUID) -> None:
        """After the password was right: raises `SecondFactorRequired`, with the token of the next step, when there is
        a second factor."""
        async with self._units.identity(user_id) as unit:
            if not await unit.second_factors.is_on(user_id):
                return
            token = new_secret_token()
            await unit.account_tokens.add(
                TokenPurpose.SECOND_FACTOR, hash_token(token), user_id=user_id, good_for=PENDING
            )
        raise SecondFactorRequired(token, int(PENDING.total_seconds()))

    async def sign_in(self, token: str, code: str, *, origin: Origin) -> SignIn:
        """The second step. Raises `Unauthenticated` for a wrong code, or when the first step was too long ago."""
        token_hash = hash_token(token)
        async with self._units.identity() as unit:
            pending = await unit.account_tokens.find(TokenPurpose.SECOND_FACTOR, token_hash)
        if pending is None or pending.user_id is None:
            raise Unauthenticated("This took too long. Sign in again.", code="sign_in_expired")
        user_id = pending.user_id
        suspects = await self._parts.guesses.admit_person(user_id, "second-factor")
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get(user_id)
            kind = None if user.disabled_at else await self._accept(unit, user_id, code)
            accepted = kind is not None and await unit.account_tokens.use(TokenPurpose.SECOND_FACTOR, token_hash)
            await self._tell_attempt(unit, user, origin, kind if accepted else None)
        if not accepted:
            raise Unauthenticated("The code is wrong, or was used already. Wait for the next one.", code="wrong_code")
        await self._parts.guesses.forgive(suspects)
        return await self._parts.sessions.start(user_id, origin)

    # ------------------------------------------------------------------------------------------------------- inside

    async def _accept(self, unit: IdentityUnit, user_id: UUID, code: str) -> str | None:
        """Take a code of the authenticator or a recovery code, so that it is not taken again. Says which it was."""
        factor = await unit.second_factors.find_locked(user_id)
        if factor is None or factor.confirmed_at is None:
            return None
        if self._takes(factor, code):
            return "authenticator"
        (code_hash,) = self._hashes(user_id, [code])
        return "recovery_code" if await unit.second_factors.use_code(user_id, code_hash) else None

    def _takes(self, factor: SecondFactor, code: str) -> bool:
        try:
            secret = self._sealer.open(factor.sealed_secret, factor.user_id.bytes)
        except BrokenSeal:
            log.error("second_factor_unreadable", user_id=str(factor.user_id), hint="was EASEL_SECRET_KEY changed?")
            return False
        step = totp.find_step(secret, "".join(code.split()), utc_now())
        if step is None or (factor.last_step is not None and step <= factor.last_step):
            return False
        factor.last_step = step
        return True

    def _hashes(self, user_id: UUID, codes: list[str]) -> list[bytes]:
        normal = ("".join(mark for mark in code.upper() if mark in _MARKS) for code in codes)
        return [hmac.digest(self._recovery_key, user_id.bytes + code.encode(), hashlib.sha256) for code in normal]

    @staticmethod
    async def _require_off(unit: IdentityUnit, user_id: UUID) -> None:
        if await unit.second_factors.is_on(user_id):
            raise Conflict("You have a second factor already. Turn it off first.", code="second_factor_on")

    async def _write(self, unit: IdentityUnit, user_id: UUID, kind: str, language: Language, **values: str) -> None:
        user = await unit.users.get(user_id)
        letter = write_letter(kind, user.language or language, link=f"{self._public_url}/forgot-password", **values)
        await self._parts.mails.post(unit, user.email, letter)

    @staticmethod
    async def _tell(
        unit: IdentityUnit, action: AuditAction, principal: Principal, after: dict[str, int] | None = None
    ) -> None:
        await unit.audit.write(
            action,
            organization_id=principal.organization_id,
            actor_id=principal.user_id,
            origin=principal.origin,
            after=after,
        )

    @staticmethod
    async def _tell_attempt(unit: IdentityUnit, user: User, origin: Origin, kind: str | None) -> None:
        home_id = await unit.organizations.find_home_id(user.id)
        await unit.audit.write(
            AuditAction.SECOND_FACTOR_REFUSED if kind is None else AuditAction.SECOND_FACTOR_TAKEN,
            organization_id=home_id,
            actor_id=None if kind is None else user.id,
            origin=origin,
            target=f"user:{user.id}",
            after=None if kind is None else {"by": kind},
        )


async def _require_resettable(
    unit: IdentityUnit, principal: Principal, user_id: UUID, *, belongs_elsewhere: bool
) -> None:
    if user_id == principal.user_id:
        raise Conflict("Your own second factor is turned off in your settings, with a code.", code="own_second_factor")
    if belongs_elsewhere:
        raise Conflict(
            "This person belongs to other organisations too, so no single one may open their account. They need a "
            "recovery code, or whoever runs this studio.",
            code="member_elsewhere",
        )
    if not await unit.second_factors.is_on(user_id):
        raise Conflict("This person has no second factor.", code="second_factor_off")


def _picture_of(uri: str) -> str:
    """A QR code as an SVG document, with its namespace: without, it is no picture for an `<img>`."""
    picture = io.BytesIO()
    segno.make(uri, error="m").save(
        picture, kind="svg", xmldecl=False, nl=False, scale=4, border=4, dark="#000", light="#fff"
    )
    return picture.getvalue().decode()


def _new_codes() -> list[str]:
    return ["-".join(_new_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _new_group() -> str:
    return "".join(secrets.choice(_MARKS) for _ in range(_GROUP))


def _wrong_code() -> InvalidInput:
    return InvalidInput.for_field(
        "/code", "wrong_code", "The code is wrong, or was used already. Wait for the next one."
    )
