"""E-mail addresses: proving that one's own is one's own."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, TokenPurpose
from app.core.errors import Conflict, InvalidInput
from app.core.logging import get_logger
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import User
from app.services.letters import write_letter
from app.services.limits import GuessLimits
from app.services.mails import MailService
from app.services.unit_of_work import IdentityUnit, UnitsOfWork

log = get_logger(__name__)

GOOD_FOR = timedelta(days=3)


class AddressService:
    def __init__(self, units: UnitsOfWork, *, mails: MailService, guesses: GuessLimits, public_url: str) -> None:
        self._units = units
        self._mails = mails
        self._guesses = guesses
        self._public_url = public_url

    async def ask_to_verify(self, unit: IdentityUnit, user: User, language: Language) -> None:
        """Part of another use case's transaction: send a link to the user's address. Older links end."""
        token = new_secret_token()
        await unit.account_tokens.withdraw(user.id, TokenPurpose.VERIFY_EMAIL)
        await unit.account_tokens.add(
            TokenPurpose.VERIFY_EMAIL, hash_token(token), user_id=user.id, good_for=GOOD_FOR, email=user.email
        )
        # In the fragment, which browsers keep to themselves: not in a log, not in a Referer header.
        letter = write_letter(
            "verify_email",
            user.language or language,
            link=f"{self._public_url}/verify-email#{token}",
            days=GOOD_FOR.days,
        )
        await self._mails.post(unit, user.email, letter, useful_for=GOOD_FOR)

    async def ask_again(self, principal: Principal, language: Language) -> None:
        """Raises `Conflict` when the address is verified already, and `RateLimited`."""
        await self._guesses.admit_mail(str(principal.user_id), principal.origin)
        async with self._units.identity(principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            if user.email is None or user.email_verified_at is not None:
                raise Conflict("Your e-mail address is verified already.", code="email_verified")
            await self.ask_to_verify(unit, user, language)

    async def verify(self, token: str, *, origin: Origin) -> None:
        """Raises `InvalidInput` for a link that is not good, or not any more."""
        token_hash = hash_token(token)
        async with self._units.identity() as unit:
            found = await unit.account_tokens.find(TokenPurpose.VERIFY_EMAIL, token_hash)
        if found is None or found.user_id is None:
            raise link_not_valid()
        async with self._units.identity(found.user_id) as unit:
            user = await unit.users.get(found.user_id)
            if user.email != found.email or not await unit.account_tokens.use(TokenPurpose.VERIFY_EMAIL, token_hash):
                raise link_not_valid()
            user.email_verified_at = user.email_verified_at or utc_now()
            home_id = await unit.organizations.find_home_id(user.id)
            await unit.audit.write(
                AuditAction.EMAIL_VERIFIED,
                organization_id=home_id,
                actor_id=user.id,
                origin=origin,
                after={"email": user.email},
            )
        log.info("email_verified", user_id=str(user.id))


def link_not_valid() -> InvalidInput:
    return InvalidInput.for_field(
        "/token", "link_not_valid", "This link has expired, or was used already. Ask for a new one."
    )


def normalize_email(email: str) -> str:
    """The form that is kept and looked up. Raises `InvalidInput` for text that can't be an address."""
    normalized = email.strip().lower()
    if "@" not in normalized:
        raise InvalidInput.for_field("/email", "invalid_email", "This is not an e-mail address.")
    return normalized
