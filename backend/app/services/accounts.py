"""Accounts: registering, signing in, staying signed in, signing out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from cachetools import TTLCache

from app.core.clock import utc_now
from app.core.enums import Registration, Role, Scope
from app.core.errors import Conflict, Forbidden, InvalidInput, Unauthenticated
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.security import (
    AccessTokens,
    CsrfTokens,
    Origin,
    Passwords,
    Principal,
    hash_refresh_token,
    new_refresh_token,
)
from app.models import Organization, RefreshToken, Session, User
from app.schemas.auth import AuthConfig, MembershipOut, MeResponse, QuotaOut, RegisterRequest, UserOut
from app.services.policies import granted_scopes
from app.services.quotas import QuotaService, next_month, this_month, to_units
from app.services.unit_of_work import IdentityUnit, TenantUnit, UnitsOfWork

log = get_logger(__name__)

LIVENESS_SECONDS = 5.0
"""For this long a process may go on accepting the access token of a session that ended elsewhere."""
OPERATOR_NAME = "Studio operator"
FIRST_ORGANIZATION_NAME = "Studio"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Everything a client needs after signing in. The refresh token is told this once."""

    user: UserOut
    principal: Principal
    access_token: str
    refresh_token: str
    csrf_token: str
    expires_in: int


class AccountService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        passwords: Passwords,
        access_tokens: AccessTokens,
        csrf_tokens: CsrfTokens,
        quotas: QuotaService,
        registration: Registration,
        refresh_token_days: int,
    ) -> None:
        self._units = units
        self._passwords = passwords
        self._access_tokens = access_tokens
        self._csrf_tokens = csrf_tokens
        self._quotas = quotas
        self._registration = registration
        self._session_lifetime = timedelta(days=refresh_token_days)
        self._live: TTLCache[UUID, Role] = TTLCache(maxsize=50_000, ttl=LIVENESS_SECONDS)

    async def config(self) -> AuthConfig:
        async with self._units.identity() as unit:
            first_run = not await unit.users.anyone_claimed()
        state: Literal["first_run", "open", "invite"] = "first_run" if first_run else self._registration.value
        return AuthConfig(registration=state)

    async def register(self, request: RegisterRequest, *, origin: Origin) -> SignIn:
        """The first account becomes the owner of the first organisation; later ones as the setting says."""
        password_hash = await self._passwords.hash(request.password)
        email = normalize_email(request.email)
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
            user.password_hash, user.claimed_at = password_hash, utc_now()
            if operator is None:
                unit.users.add(user)
                name = FIRST_ORGANIZATION_NAME if self._registration is Registration.INVITE else f"{user.name}’s studio"
                await self._found_organization(unit, organization_id, name, user)
        log.info("account_registered", user_id=str(user.id), claimed_operator=operator is not None)
        return await self._start_session(user.id, origin=origin)

    async def sign_in(
        self, email: str, password: str, *, origin: Origin, scopes: frozenset[Scope] | None = None
    ) -> SignIn:
        """Raises `Unauthenticated`, in the same words and time whether the account exists or not."""
        async with self._units.identity() as unit:
            user = await unit.users.find_by_email(normalize_email(email))
        matches = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not matches or user.disabled_at is not None:
            log.info("sign_in_refused")
            raise Unauthenticated("The e-mail address or the password is wrong.", code="wrong_credentials")
        if user.password_hash is not None and self._passwords.needs_rehash(user.password_hash):
            await self._rehash(user.id, password)
        return await self._start_session(user.id, origin=origin, scopes=scopes)

    async def refresh(self, token: str) -> SignIn:
        """Trade a refresh token for a new pair. A token that comes a second time ends its session."""
        now = utc_now()
        reused: UUID | None = None
        async with self._units.identity() as unit:
            found = await unit.sessions.lock_token(hash_refresh_token(token))
            if found is None:
                raise _session_over()
            record, session = found
            if session.revoked_at is not None or session.expires_at <= now:
                raise _session_over()
            if record.used_at is not None:
                await unit.sessions.revoke(session.id, because="refresh_token_reused", now=now)
                reused = session.id
            else:
                record.used_at = session.last_used_at = now
                fresh = new_refresh_token()
                unit.sessions.add_token(RefreshToken(token_hash=hash_refresh_token(fresh), session_id=session.id))
        if reused is not None:
            self._live.pop(reused, None)
            log.warning("refresh_token_reused", session_id=str(reused))
            raise _session_over()
        async with self._units.identity(session.user_id) as unit:
            user = await unit.users.get(session.user_id)
            role = await self._role_in(unit, user, session.organization_id)
        return self._signed_in(user, session, role, fresh, None)

    async def sign_out(self, principal: Principal, *, everywhere: bool = False) -> None:
        now = utc_now()
        async with self._units.identity(principal.user_id) as unit:
            if everywhere:
                ended = await unit.sessions.revoke_all(principal.user_id, because="signed_out_everywhere", now=now)
            else:
                assert principal.session_id is not None, "signing out is done in person"
                await unit.sessions.revoke(principal.session_id, because="signed_out", now=now)
                ended = [principal.session_id]
        for session_id in ended:
            self._live.pop(session_id, None)

    async def authenticate(self, access_token: str, origin: Origin) -> Principal:
        """Who calls, with the role of this moment. Raises `Unauthenticated` for a bad token or an ended session."""
        claimed = self._access_tokens.verify(access_token)
        role = await self._standing(claimed)
        if role is None:
            raise _session_over()
        return replace(claimed, role=role, scopes=granted_scopes(role, claimed.scopes), origin=origin)

    async def is_live(self, principal: Principal) -> bool:
        return await self._standing(principal) is not None

    async def _standing(self, principal: Principal) -> Role | None:
        """The caller's role, if the session lives and the person still belongs to its organisation."""
        session_id = principal.session_id
        if session_id is None:
            return None
        if session_id in self._live:
            return self._live[session_id]
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            role = await unit.sessions.find_standing(session_id, principal.organization_id)
        if role is not None:
            self._live[session_id] = role
        return role

    def csrf_matches(self, token: str | None, principal: Principal) -> bool:
        return principal.session_id is not None and self._csrf_tokens.matches(token, principal.session_id)

    async def me(self, principal: Principal) -> MeResponse:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            user = await unit.users.get(principal.user_id)
            memberships = await unit.organizations.memberships_of(principal.user_id)
            organization = await unit.organizations.get(principal.organization_id)
            used = await unit.quotas.used(this_month())
        limit = self._quotas.limit_of(organization)
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
        return await self._start_session(user.id, origin=Origin(user_agent="easel command line"))

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

    async def _start_session(self, user_id: UUID, *, origin: Origin, scopes: frozenset[Scope] | None = None) -> SignIn:
        token = new_refresh_token()
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get(user_id)
            memberships = await unit.organizations.memberships_of(user_id)
            if not memberships:
                raise Forbidden(
                    "Your account belongs to no organisation. Ask to be invited to one.", code="no_organization"
                )
            organization, role = memberships[0]
            session = Session(
                id=new_id(),
                user_id=user_id,
                organization_id=organization.id,
                expires_at=utc_now() + self._session_lifetime,
                user_agent=origin.user_agent,
            )
            unit.sessions.add(session)
            await unit.flush()
            unit.sessions.add_token(RefreshToken(token_hash=hash_refresh_token(token), session_id=session.id))
        return self._signed_in(user, session, role, token, scopes)

    def _signed_in(
        self, user: User, session: Session, role: Role, refresh_token: str, scopes: frozenset[Scope] | None
    ) -> SignIn:
        principal = Principal(
            user_id=user.id,
            organization_id=session.organization_id,
            session_id=session.id,
            role=role,
            scopes=granted_scopes(role, scopes),
        )
        return SignIn(
            user=UserOut.model_validate(user),
            principal=principal,
            access_token=self._access_tokens.issue(principal),
            refresh_token=refresh_token,
            csrf_token=self._csrf_tokens.issue(session.id),
            expires_in=self._access_tokens.lifetime_seconds,
        )

    @staticmethod
    async def _role_in(unit: IdentityUnit, user: User, organization_id: UUID) -> Role:
        if user.disabled_at is None:
            for organization, role in await unit.organizations.memberships_of(user.id):
                if organization.id == organization_id:
                    return role
        raise _session_over()

    async def _rehash(self, user_id: UUID, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._units.identity(user_id) as unit:
            (await unit.users.get(user_id)).password_hash = password_hash


def normalize_email(email: str) -> str:
    """The form that is kept and looked up. Raises `InvalidInput` for text that can't be an address."""
    normalized = email.strip().lower()
    if "@" not in normalized:
        raise InvalidInput.for_field("/email", "invalid_email", "This is not an e-mail address.")
    return normalized


def _session_over() -> Unauthenticated:
    return Unauthenticated("The session has ended. Sign in again.", code="session_ended")
