"""Sessions: starting one, staying signed in, seeing where one is signed in, ending it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Role, Scope, TokenPurpose
from app.core.errors import AccountClosing, Forbidden, NotFound, Unauthenticated
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.security import AccessTokens, CsrfTokens, Origin, Principal, hash_token, new_secret_token
from app.models import RefreshToken, Session, User
from app.schemas.auth import JwkSet, UserOut
from app.schemas.sessions import SessionList, SessionOut
from app.services.policies import granted_scopes
from app.services.unit_of_work import IdentityUnit, TenantUnit, UnitsOfWork
from app.utils.expiring import Expiring

log = get_logger(__name__)

LIVENESS_SECONDS = 5.0
"""For this long a process may go on accepting the access token of a session that ended elsewhere."""
RACE_SECONDS = 10.0
"""Two tabs of one browser may refresh with the same token within this time; later it is theft."""
KEEPING = timedelta(minutes=15)
"""Between signing in to an account that is going to be deleted, and saying that it shall stay."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Everything a client needs after signing in. The refresh token is told this once."""

    user: UserOut
    principal: Principal
    access_token: str
    refresh_token: str
    csrf_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class SignedInBy:
    """The provider of single sign-on that vouched for the person; `sid` is its own session, which it may end."""

    issuer: str
    subject: str
    sid: str | None


class SessionService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        access_tokens: AccessTokens,
        csrf_tokens: CsrfTokens,
        refresh_token_days: int,
        idle_days: float,
    ) -> None:
        self._units = units
        self._access_tokens = access_tokens
        self._csrf_tokens = csrf_tokens
        self._lifetime = timedelta(days=refresh_token_days)
        self._idle = timedelta(days=idle_days)
        self._live: Expiring[UUID, tuple[UUID, Role]] = Expiring(seconds=LIVENESS_SECONDS, most=50_000)

    def published_keys(self) -> JwkSet:
        return JwkSet(keys=self._access_tokens.published_keys(utc_now()))

    async def start(
        self,
        user_id: UUID,
        origin: Origin,
        *,
        scopes: frozenset[Scope] | None = None,
        for_token_only: bool = False,
        organization_id: UUID | None = None,
        by: SignedInBy | None = None,
    ) -> SignIn:
        """Sign in to that organisation, else to the one that the person joined first. `for_token_only`: the session
        ends with its access token, since nobody gets the refresh token.

        Raises `Forbidden` for whoever belongs nowhere, and `AccountClosing`.
        """
        await self._require_staying(user_id)
        token, now = new_secret_token(), utc_now()
        lifetime = timedelta(seconds=self._access_tokens.lifetime_seconds) if for_token_only else self._lifetime
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get(user_id)
            memberships = await unit.organizations.memberships_of(user_id)
            if not memberships:
                raise Forbidden(
                    "Your account belongs to no organisation. Ask to be invited to one.", code="no_organization"
                )
            organization, role = next((each for each in memberships if each[0].id == organization_id), memberships[0])
            session = Session(
                id=new_id(),
                user_id=user_id,
                organization_id=organization.id,
                expires_at=now + lifetime,
                user_agent=origin.user_agent,
                address=origin.address,
                identity_issuer=by.issuer if by else None,
                identity_subject=by.subject if by else None,
                identity_sid=by.sid if by else None,
            )
            unit.sessions.add(session)
            await unit.flush()
            unit.sessions.add_token(RefreshToken(token_hash=hash_token(token), session_id=session.id))
            await self._tell(unit, AuditAction.SESSION_STARTED, session, origin)
        return self._signed_in(user, session, role, token, scopes)

    async def _require_staying(self, user_id: UUID) -> None:
        """Whoever signs in to an account that is going to be deleted is given what keeps it, and nothing else."""
        async with self._units.identity(user_id) as unit:
            due = (await unit.users.get(user_id)).deletion_due_at
            if due is None:
                return
            token = new_secret_token()
            await unit.account_tokens.add(
                TokenPurpose.RESTORE_ACCOUNT, hash_token(token), user_id=user_id, good_for=KEEPING
            )
        raise AccountClosing(token, due)

    async def refresh(self, token: str, origin: Origin) -> SignIn:
        """Trade a refresh token for a new pair. A token that comes a second time ends its session."""
        now, fresh = utc_now(), new_secret_token()
        async with self._units.identity() as unit:
            found = await unit.sessions.lock_token(hash_token(token))
            if found is None:
                raise session_over()
            record, session = found
            if session.revoked_at is not None or min(session.expires_at, session.last_used_at + self._idle) <= now:
                raise session_over()
            stolen = record.used_at is not None and not self._is_race(record.used_at, session, origin, now)
            if stolen:
                await unit.sessions.revoke(session.id, because="refresh_token_reused", now=now)
                await self._tell(unit, AuditAction.REFRESH_TOKEN_REUSED, session, origin)
            else:
                record.used_at = record.used_at or now
                session.last_used_at, session.address, session.user_agent = now, origin.address, origin.user_agent
                unit.sessions.add_token(RefreshToken(token_hash=hash_token(fresh), session_id=session.id))
        if stolen:
            self._live.forget(session.id)
            log.warning("refresh_token_reused", session_id=str(session.id))
            raise session_over()
        async with self._units.identity(session.user_id) as unit:
            user = await unit.users.get(session.user_id)
            role = await self._role_in(unit, user, session.organization_id)
        return self._signed_in(user, session, role, fresh, None)

    async def switch(self, principal: Principal, organization_id: UUID) -> SignIn:
        """Go on in another organisation of the person's, with a new pair. Raises `NotFound`."""
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            theirs = [organization.id for organization, _ in await unit.organizations.memberships_of(principal.user_id)]
            if organization_id not in theirs:
                raise NotFound("You belong to no such organisation.", code="organization_not_found")
            signed_in = await self.move(unit, principal, organization_id)
        self.forget([principal.in_session])
        return signed_in

    async def move(self, unit: TenantUnit, principal: Principal, organization_id: UUID) -> SignIn:
        """Part of another use case's transaction: what was issued for the former organisation opens nothing more.

        A token that was narrowed when it was asked for stays as narrow.
        """
        token, now = new_secret_token(), utc_now()
        session = await unit.sessions.get_open_locked(principal.in_session, principal.user_id)
        user = await unit.users.get(principal.user_id)
        role = await self._role_in(unit, user, organization_id)
        await self._tell(unit, AuditAction.SESSION_ENDED, session, principal.origin, because="switched")
        await unit.sessions.use_up_tokens(session.id, now)
        session.organization_id, session.last_used_at = organization_id, now
        unit.sessions.add_token(RefreshToken(token_hash=hash_token(token), session_id=session.id))
        await self._tell(unit, AuditAction.SESSION_STARTED, session, principal.origin, because="switched")
        await unit.flush()
        return self._signed_in(user, session, role, token, principal.scopes if principal.narrowed else None)

    async def list_open(self, principal: Principal) -> SessionList:
        async with self._units.identity(principal.user_id) as unit:
            sessions = await unit.sessions.list_open(principal.user_id, used_since=utc_now() - self._idle)
        return SessionList(
            items=[
                SessionOut(
                    id=each.id,
                    created_at=each.created_at,
                    last_used_at=each.last_used_at,
                    expires_at=min(each.expires_at, each.last_used_at + self._idle),
                    address=each.address,
                    user_agent=each.user_agent,
                    current=each.id == principal.session_id,
                )
                for each in sessions
            ]
        )

    async def end(self, principal: Principal, session_id: UUID, *, because: str) -> None:
        """Raises `NotFound` for a session of somebody else."""
        async with self._units.identity(principal.user_id) as unit:
            session = await unit.sessions.get_open_locked(session_id, principal.user_id)
            await unit.sessions.revoke(session.id, because=because, now=utc_now())
            await self._tell(unit, AuditAction.SESSION_ENDED, session, principal.origin)
        self._live.forget(session_id)

    async def end_all(self, principal: Principal, *, because: str) -> None:
        async with self._units.identity(principal.user_id) as unit:
            ended = await self.end_all_of(unit, principal.user_id, because=because)
            await unit.audit.write(
                AuditAction.SESSIONS_ENDED,
                organization_id=principal.organization_id,
                actor_id=principal.user_id,
                origin=principal.origin,
                after={"sessions": len(ended), "because": because},
            )

    async def end_all_of(
        self, unit: IdentityUnit, user_id: UUID, *, because: str, but: UUID | None = None
    ) -> list[UUID]:
        """Part of another use case's transaction; `but` lives on. Other processes notice within `LIVENESS_SECONDS`."""
        ended = await unit.sessions.revoke_all(user_id, because=because, now=utc_now(), but=but)
        self.forget(ended)
        return ended

    def forget(self, session_ids: Iterable[UUID]) -> None:
        """They have ended: this process need not look them up to know."""
        for session_id in session_ids:
            self._live.forget(session_id)

    async def authenticate(self, access_token: str, origin: Origin) -> Principal:
        """Who calls, with the role of this moment. Raises `Unauthenticated` for a bad token or an ended session."""
        claimed = self._access_tokens.verify(access_token)
        role = await self.find_standing(claimed)
        if role is None:
            raise session_over()
        # A token with all that its role had then has all that the role has now; one that was narrowed stays so.
        narrowed = claimed.scopes != granted_scopes(claimed.role)
        scopes = granted_scopes(role, claimed.scopes if narrowed else None)
        return replace(claimed, role=role, scopes=scopes, narrowed=narrowed, origin=origin)

    async def find_standing(self, principal: Principal) -> Role | None:
        """The caller's role, if the session lives and the person still belongs to its organisation."""
        session_id = principal.in_session
        known = self._live.find(session_id)
        if known is not None and known[0] == principal.organization_id:
            return known[1]
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            role = await unit.sessions.find_standing(session_id, principal.organization_id)
        if role is not None:
            self._live.keep(session_id, (principal.organization_id, role))
        return role

    def csrf_matches(self, token: str | None, principal: Principal) -> bool:
        return self._csrf_tokens.matches(token, principal.in_session)

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
    def _is_race(used_at: datetime, session: Session, origin: Origin, now: datetime) -> bool:
        """The same browser at the same place, moments later. A thief in another place is not mistaken for a tab."""
        same_browser = (session.address, session.user_agent) == (origin.address, origin.user_agent)
        return same_browser and (now - used_at).total_seconds() <= RACE_SECONDS

    @staticmethod
    async def _tell(
        unit: IdentityUnit, action: AuditAction, session: Session, origin: Origin, *, because: str | None = None
    ) -> None:
        await unit.audit.write(
            action,
            organization_id=session.organization_id,
            actor_id=session.user_id,
            origin=origin,
            target=f"session:{session.id}",
            after={"because": because} if because else None,
        )

    @staticmethod
    async def _role_in(unit: IdentityUnit, user: User, organization_id: UUID) -> Role:
        if user.disabled_at is None:
            for organization, role in await unit.organizations.memberships_of(user.id):
                if organization.id == organization_id:
                    return role
        raise session_over()


def session_over() -> Unauthenticated:
    return Unauthenticated("The session has ended. Sign in again.", code="session_ended")
