"""Accounts: registering, signing in by password, who one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, Registration, Scope
from app.core.errors import Conflict, Forbidden, Unauthenticated
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.oidc_settings import OidcProviderSettings
from app.core.passwords import Passwords
from app.core.security import DeviceTokens, Origin, Principal
from app.models import Organization, User
from app.schemas.auth import (
    AuthConfig,
    MembershipOut,
    MeResponse,
    QuotaOut,
    RegisterRequest,
    SignInServiceOut,
    UserOut,
)
from app.services.addresses import AddressService, normalize_email
from app.services.invitations import InvitationService
from app.services.limits import GuessLimits
from app.services.quotas import QuotaService, next_month, this_month, to_units
from app.services.second_factors import SecondFactorService
from app.services.sessions import SessionService, SignIn
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)

OPERATOR_NAME = "Studio operator"
OPERATOR_ORIGIN = Origin(user_agent="easel command line")
FIRST_ORGANIZATION_NAME = "Studio"


class AccountService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        passwords: Passwords,
        sessions: SessionService,
        invitations: InvitationService,
        addresses: AddressService,
        second_factors: SecondFactorService,
        guesses: GuessLimits,
        device_tokens: DeviceTokens,
        quotas: QuotaService,
        registration: Registration,
        sign_in_services: Sequence[OidcProviderSettings] = (),
    ) -> None:
        self._units = units
        self._passwords = passwords
        self._sessions = sessions
        self._invitations = invitations
        self._addresses = addresses
        self._second_factors = second_factors
        self._guesses = guesses
        self._device_tokens = device_tokens
        self._quotas = quotas
        self._registration = registration
        self._sign_in_services = [SignInServiceOut(name=each.name, label=each.shown) for each in sign_in_services]

    async def config(self) -> AuthConfig:
        async with self._units.identity() as unit:
            first_run = not await unit.users.anyone_claimed()
        state: Literal["first_run", "open", "invite"] = "first_run" if first_run else self._registration.value
        return AuthConfig(
            registration=state,
            oidc_providers=[each.name for each in self._sign_in_services],
            sign_in_services=self._sign_in_services,
        )

    async def register(self, request: RegisterRequest, *, origin: Origin, language: Language) -> SignIn:
        """The first account becomes the owner of the first organisation; later ones as the setting or an invitation
        says."""
        email = normalize_email(request.email)
        password_hash = await self._passwords.hash_new(request.password, own_words=(email, request.name))
        if request.invitation is not None:
            return await self._register_invited(request, request.invitation, password_hash, origin, language)
        organization_id = new_id()
        async with self._units.tenant(organization_id) as unit:
            await unit.users.lock_first_account()
            if await unit.users.find_by_email(email) is not None:
                raise Conflict("There is an account with this e-mail address. Sign in instead.", code="email_taken")
            operator = None
            if await unit.users.anyone_claimed():
                self._require_open_registration()
            else:
                operator = await unit.users.find_unclaimed()
            user = operator or User(id=new_id())
            user.email, user.name = email, request.name.strip()
            user.password_hash, user.claimed_at, user.language = password_hash, utc_now(), language
            if operator is None:
                unit.users.add(user)
                name = FIRST_ORGANIZATION_NAME if self._registration is Registration.INVITE else f"{user.name}’s studio"
                await self._found_organization(unit, organization_id, name, user)
            else:
                await unit.flush()
            await self._addresses.ask_to_verify(unit, user, language)
            await unit.audit.write(
                AuditAction.ACCOUNT_REGISTERED,
                organization_id=organization_id if operator is None else None,
                actor_id=user.id,
                origin=origin,
                after={"email": email, "name": user.name},
            )
        log.info("account_registered", user_id=str(user.id), claimed_operator=operator is not None)
        return await self._sessions.start(user.id, origin)

    async def _register_invited(
        self, request: RegisterRequest, invitation: str, password_hash: str, origin: Origin, language: Language
    ) -> SignIn:
        email = normalize_email(request.email)
        organization_id = await self._invitations.organization_of(invitation)
        async with self._units.tenant(organization_id) as unit:
            await unit.users.lock_first_account()
            if await unit.users.find_by_email(email) is not None:
                raise Conflict("There is an account with this e-mail address. Sign in instead.", code="email_taken")
            user = User(id=new_id(), email=email, name=request.name.strip())
            user.password_hash, user.claimed_at, user.language = password_hash, utc_now(), language
            unit.users.add(user)
            await unit.flush()
            await self._addresses.ask_to_verify(unit, user, language)
            await unit.audit.write(
                AuditAction.ACCOUNT_REGISTERED,
                organization_id=organization_id,
                actor_id=user.id,
                origin=origin,
                after={"email": email, "name": user.name},
            )
            await self._invitations.redeem(unit, invitation, user, origin)
        log.info("account_registered", user_id=str(user.id), invited=True)
        return await self._sessions.start(user.id, origin, organization_id=organization_id)

    async def sign_in(
        self,
        email: str,
        password: str,
        *,
        origin: Origin,
        scopes: frozenset[Scope] | None = None,
        for_token_only: bool = False,
        device_token: str | None = None,
        invitation: str | None = None,
    ) -> SignIn:
        """With an `invitation`, that is accepted and the session is in its organisation.

        Raises `Unauthenticated`, in the same words and time whether the account exists or not, `RateLimited`, and
        `SecondFactorRequired` when the password was only the first step.
        """
        email = normalize_email(email)
        device = self._device_tokens.find_name(device_token, email)
        suspects = await self._guesses.admit(email, origin, device=device)
        async with self._units.identity() as unit:
            user = await unit.users.find_by_email(email)
        matches = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not matches or user.disabled_at is not None:
            await self._tell_refused(user, origin)
            raise Unauthenticated("The e-mail address or the password is wrong.", code="wrong_credentials")
        await self._guesses.forgive(suspects)
        if user.password_hash is not None and self._passwords.needs_rehash(user.password_hash):
            await self._rehash(user.id, password)
        # Before the second factor is asked for: whoever belongs nowhere yet could not sign in afterwards.
        joined = await self._invitations.accept(user.id, invitation, origin) if invitation else None
        await self._second_factors.hold_to(user.id)
        return await self._sessions.start(
            user.id, origin, organization_id=joined, scopes=scopes, for_token_only=for_token_only
        )

    def device_token(self, email: str, known: str | None) -> str:
        """For the browser that has just signed in; the one that it has, when it is good."""
        email = normalize_email(email)
        return known if known and self._device_tokens.find_name(known, email) else self._device_tokens.issue(email)

    async def me(self, principal: Principal) -> MeResponse:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            memberships = await unit.organizations.memberships_of(principal.user_id)
            organization = await unit.organizations.get(principal.organization_id)
            used = await unit.quotas.used(this_month())
        limit = self._quotas.monthly_of(organization.quota_monthly)
        organizations = [MembershipOut(id=each.id, name=each.name, role=role) for each, role in memberships]
        return MeResponse(
            user=UserOut.model_validate(user),
            organization=next(each for each in organizations if each.id == principal.organization_id),
            organizations=organizations,
            roles=[principal.role],
            scopes=sorted(principal.scopes),
            quota=QuotaOut(
                limit=None if limit is None else to_units(limit), used=to_units(used), resets_at=next_month()
            ),
        )

    async def operator_sign_in(self) -> SignIn:
        """Sign in as whoever owns this installation, for a caller who holds its secret key.

        Before anyone has registered that is the operator, made here; the first person who registers takes it over.
        """
        organization_id = new_id()
        async with self._units.tenant(organization_id) as unit:
            await unit.users.lock_first_account()
            user = await unit.users.find_first_claimed() or await unit.users.find_unclaimed()
            if user is None:
                user = User(id=new_id(), name=OPERATOR_NAME)
                unit.users.add(user)
                await self._found_organization(unit, organization_id, FIRST_ORGANIZATION_NAME, user)
        return await self._sessions.start(user.id, OPERATOR_ORIGIN)

    def _require_open_registration(self) -> None:
        if self._registration is not Registration.OPEN:
            raise Forbidden(
                "This studio takes new members by invitation only. Ask its owner to invite you.",
                code="invitation_required",
            )

    @staticmethod
    async def _found_organization(unit: TenantUnit, organization_id: UUID, name: str, owner: User) -> None:
        await unit.flush()
        organization = Organization(id=organization_id, name=name)
        await unit.organizations.add(organization, owner)
        await unit.flush()

    async def _tell_refused(self, user: User | None, origin: Origin) -> None:
        """The same work whether there is such a user or not: the time must not tell."""
        user_id = user.id if user is not None else new_id()
        async with self._units.identity(user_id) as unit:
            home_id = await unit.organizations.find_home_id(user_id)
            await unit.audit.write(
                AuditAction.SESSION_REFUSED,
                organization_id=home_id,
                actor_id=None,
                origin=origin,
                target=f"user:{user.id}" if user is not None else None,
            )
        log.info("sign_in_refused")

    async def _rehash(self, user_id: UUID, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._units.identity(user_id) as unit:
            (await unit.users.get(user_id)).password_hash = password_hash
