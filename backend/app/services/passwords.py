"""Passwords: changing one's own, and getting back in without it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, TokenPurpose
from app.core.errors import Conflict, InvalidInput
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.passwords import Passwords
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import User
from app.services.addresses import link_not_valid, normalize_email
from app.services.letters import write_letter
from app.services.limits import GuessLimits
from app.services.mails import MailService
from app.services.sessions import SessionService
from app.services.unit_of_work import IdentityUnit, UnitsOfWork

log = get_logger(__name__)

GOOD_FOR = timedelta(hours=1)
_ENDED_BY_A_NEW_PASSWORD = (TokenPurpose.RESET_PASSWORD, TokenPurpose.SECOND_FACTOR)


class PasswordService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        passwords: Passwords,
        sessions: SessionService,
        guesses: GuessLimits,
        mails: MailService,
        public_url: str,
    ) -> None:
        self._units = units
        self._passwords = passwords
        self._sessions = sessions
        self._guesses = guesses
        self._mails = mails
        self._public_url = public_url

    async def forgot(self, email: str, *, origin: Origin, language: Language) -> None:
        """Send a link, if there is such an account. The answer and the work are the same when there is none."""
        email = normalize_email(email)
        await self._guesses.admit_mail(email, origin)
        async with self._units.identity() as unit:
            user = await unit.users.find_by_email(email)
        if user is not None and user.disabled_at is not None:
            user = None
        token, user_id = new_secret_token(), user.id if user is not None else new_id()
        letter = write_letter(
            "reset_password",
            (user.language if user is not None else None) or language,
            link=f"{self._public_url}/reset-password#{token}",
            minutes=int(GOOD_FOR.total_seconds() // 60),
        )
        async with self._units.identity(user_id) as unit:
            home_id = await unit.organizations.find_home_id(user_id)
            await unit.account_tokens.add(
                TokenPurpose.RESET_PASSWORD,
                hash_token(token),
                user_id=user.id if user is not None else None,
                good_for=GOOD_FOR,
                email=email,
            )
            await self._mails.post(unit, email if user is not None else None, letter, useful_for=GOOD_FOR)
            await unit.audit.write(
                AuditAction.PASSWORD_RESET_ASKED,
                organization_id=home_id,
                actor_id=None,
                origin=origin,
                target=f"user:{user.id}" if user is not None else None,
            )
        log.info("password_reset_asked")

    async def reset(self, token: str, password: str, *, origin: Origin, language: Language) -> None:
        """Set a new password and end every session. The person then signs in with it, and with the second factor.

        Raises `InvalidInput` for a link that is not good, or not any more.
        """
        token_hash = hash_token(token)
        async with self._units.identity() as unit:
            found = await unit.account_tokens.find(TokenPurpose.RESET_PASSWORD, token_hash)
        if found is None or found.user_id is None:
            raise link_not_valid()
        password_hash = await self._hash_new(found.user_id, password, pointer="/password")
        async with self._units.identity(found.user_id) as unit:
            user = await unit.users.get(found.user_id)
            usable = user.disabled_at is None and user.email == found.email
            if not usable or not await unit.account_tokens.use(TokenPurpose.RESET_PASSWORD, token_hash):
                raise link_not_valid()
            user.password_hash = password_hash
            user.email_verified_at = user.email_verified_at or utc_now()  # the link came by that mail
            ended = await self._sessions.end_all_of(unit, user.id, because="password_reset")
            home_id = await unit.organizations.find_home_id(user.id)
            await self._tell_new_password(unit, user, language)
            await unit.audit.write(
                AuditAction.PASSWORD_RESET,
                organization_id=home_id,
                actor_id=user.id,
                origin=origin,
                after={"ended_sessions": len(ended)},
            )
        log.info("password_reset", user_id=str(user.id))

    async def change(self, principal: Principal, current: str, new: str, *, language: Language) -> None:
        """Ends the other sessions. Raises `InvalidInput` for a wrong current one, `Conflict` when there is none."""
        await self.require(principal, current, pointer="/current_password")
        password_hash = await self._hash_new(principal.user_id, new, pointer="/new_password")
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            user.password_hash = password_hash
            ended = await self._sessions.end_all_of(unit, user.id, because="password_changed", but=principal.in_session)
            await self._tell_new_password(unit, user, language)
            await unit.audit.write(
                AuditAction.PASSWORD_CHANGED,
                organization_id=principal.organization_id,
                actor_id=user.id,
                origin=principal.origin,
                after={"ended_sessions": len(ended)},
            )
        log.info("password_changed", user_id=str(user.id))

    async def require(self, principal: Principal, password: str, *, pointer: str = "/password") -> None:
        """Whoever sits before an open session proves that they are its person. Raises as `change` does."""
        suspects = await self._guesses.admit_person(principal.user_id, "own-password")
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
        if user.password_hash is None:
            await self._guesses.forgive(suspects)
            raise Conflict(
                "Your account has no password. Set one with “Forgot password” on the page where you sign in.",
                code="no_password",
            )
        if not await self._passwords.verify(password, user.password_hash):
            raise InvalidInput.for_field(pointer, "wrong_password", "This is not your current password.")
        await self._guesses.forgive(suspects)

    async def _hash_new(self, user_id: UUID, password: str, *, pointer: str) -> str:
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get(user_id)
        return await self._passwords.hash_new(password, own_words=(user.email, user.name), pointer=pointer)

    async def _tell_new_password(self, unit: IdentityUnit, user: User, language: Language) -> None:
        await unit.account_tokens.withdraw(user.id, *_ENDED_BY_A_NEW_PASSWORD)
        letter = write_letter("password_changed", user.language or language, link=f"{self._public_url}/forgot-password")
        await self._mails.post(unit, user.email, letter)
