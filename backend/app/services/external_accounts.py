"""Whose account it is that a provider of single sign-on vouches for, and what they may do.

The rules, in this order (docs/adr/0013):

1. An identity (issuer and subject) that was here before signs in to its account, whatever its address is by now.
2. An account with the same address is linked, if the settings say so (`link_by_email`) and both sides have verified the
   address: the provider, and the account's owner. Otherwise whoever registered somebody else's address first would
   share the account with its owner.
3. Somebody new gets an account, if the settings say so (`create_accounts`) and the provider has verified the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, Role
from app.core.errors import Conflict, Forbidden
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.oidc_settings import OidcProviderSettings
from app.core.security import Origin
from app.integrations.oidc.provider import Person
from app.models import ExternalIdentity, Membership, User
from app.services.sessions import SessionService
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)

_STRONGEST_FIRST = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)


@dataclass(frozen=True, slots=True)
class Account:
    user_id: UUID
    organization_id: UUID | None
    """Where to sign in to; None: wherever the person belongs."""


class ExternalAccounts:
    def __init__(self, units: UnitsOfWork, *, sessions: SessionService) -> None:
        self._units = units
        self._sessions = sessions

    async def admit(
        self, provider: OidcProviderSettings, person: Person, *, origin: Origin, language: Language
    ) -> Account:
        """Raises `Forbidden` or `Conflict` for whoever the rules don't let in."""
        role = role_of(provider, person)
        if role is None or not _is_of_allowed_domain(provider, person):
            await self._shut_out(provider, person, origin)
            raise Forbidden(
                "Your account at the sign-in service does not allow you into this studio. Ask whoever runs it.",
                code="sso_not_allowed",
            )
        organization_id = provider.organization or await self._first_organization()
        async with self._units.tenant(organization_id) as unit:
            await unit.identities.lock(person.issuer, person.subject)
            user, is_new_here = await self._find_or_make(unit, provider, person, language)
            if user.disabled_at is not None:
                raise Forbidden("Your account here is disabled. Ask whoever runs this studio.", code="account_disabled")
            if is_new_here:
                await self._tell(unit, AuditAction.IDENTITY_LINKED, user, organization_id, origin, provider, person)
            belongs = await self._hold_to_role(unit, provider, user, role, origin, is_new_here=is_new_here)
        return Account(user.id, organization_id if belongs else None)

    async def _find_or_make(
        self, unit: TenantUnit, provider: OidcProviderSettings, person: Person, language: Language
    ) -> tuple[User, bool]:
        identity = await unit.identities.find(person.issuer, person.subject)
        if identity is not None:
            identity.email, identity.last_used_at = person.email, utc_now()
            return await unit.users.get(identity.user_id), False
        user = await unit.users.find_by_email(person.email) if person.email is not None else None
        if user is not None:
            _require_may_link(provider, person, user)
        else:
            user = _make_user(provider, person, language)
            unit.users.add(user)
            await unit.flush()
        unit.identities.add(
            ExternalIdentity(issuer=person.issuer, subject=person.subject, user_id=user.id, email=person.email)
        )
        await unit.flush()
        return user, True

    async def _hold_to_role(
        self,
        unit: TenantUnit,
        provider: OidcProviderSettings,
        user: User,
        role: Role,
        origin: Origin,
        *,
        is_new_here: bool,
    ) -> bool:
        """Make the role what the groups say. False when the person does not belong to the provider's organisation."""
        organization_id = unit.organization_id
        membership = await unit.identities.find_membership(organization_id, user.id)
        if membership is None:
            if not is_new_here and not provider.roles:
                return False  # taken out by an administrator, and no group says otherwise
            unit.identities.add_membership(Membership(organization_id=organization_id, user_id=user.id, role=role))
            await unit.flush()
            before = None
        elif not provider.roles or membership.role is role:
            return True
        elif await unit.identities.is_last_owner(membership):
            log.warning("last_owner_keeps_role", user_id=str(user.id), groups_say=role.value)
            return True
        else:
            before, membership.role = {"role": membership.role.value}, role
        await unit.audit.write(
            AuditAction.ROLE_BY_GROUPS,
            organization_id=organization_id,
            actor_id=user.id,
            origin=origin,
            target=f"user:{user.id}",
            before=before,
            after={"role": role.value, "provider": provider.name},
        )
        return True

    async def _shut_out(self, provider: OidcProviderSettings, person: Person, origin: Origin) -> None:
        """Somebody who has lost their groups loses the sessions that they still have, too."""
        async with self._units.identity() as unit:
            ended = await unit.identities.end_sessions(
                person.issuer, subject=person.subject, sid=None, because="not_allowed_any_more", now=utc_now()
            )
            await unit.audit.write(
                AuditAction.SESSION_REFUSED,
                organization_id=ended[0].organization_id if ended else provider.organization,
                actor_id=None,
                origin=origin,
                target=f"identity:{provider.name}:{person.subject}",
                after={"ended_sessions": len(ended)},
            )
        self._sessions.forget(session.id for session in ended)

    async def _first_organization(self) -> UUID:
        async with self._units.identity() as unit:
            founder = await unit.users.find_first_claimed()
        if founder is not None:
            async with self._units.identity(founder.id) as unit:
                home_id = await unit.organizations.find_home_id(founder.id)
            if home_id is not None:
                return home_id
        raise Forbidden("This studio has no owner yet: the first account is made with a password.", code="first_run")

    @staticmethod
    async def _tell(
        unit: TenantUnit,
        action: AuditAction,
        user: User,
        organization_id: UUID,
        origin: Origin,
        provider: OidcProviderSettings,
        person: Person,
    ) -> None:
        await unit.audit.write(
            action,
            organization_id=organization_id,
            actor_id=user.id,
            origin=origin,
            target=f"user:{user.id}",
            after={"provider": provider.name, "subject": person.subject, "email": person.email},
        )


def role_of(provider: OidcProviderSettings, person: Person) -> Role | None:
    """The strongest that any of the person's groups gives; the default when none gives one."""
    given = {provider.roles[group] for group in person.groups if group in provider.roles}
    return next((role for role in _STRONGEST_FIRST if role in given), provider.default_role)


def _is_of_allowed_domain(provider: OidcProviderSettings, person: Person) -> bool:
    if not provider.allowed_domains:
        return True
    return (
        person.email is not None
        and person.email_verified
        and person.email.rpartition("@")[2] in provider.allowed_domains
    )


def _require_may_link(provider: OidcProviderSettings, person: Person, user: User) -> None:
    if provider.link_by_email and person.email_verified and user.email_verified:
        return
    raise Conflict(
        "There is an account with your e-mail address already. Sign in with its password"
        + (", and verify the address first." if provider.link_by_email and not user.email_verified else "."),
        code="sso_account_exists",
    )


def _make_user(provider: OidcProviderSettings, person: Person, language: Language) -> User:
    if not provider.create_accounts:
        raise Forbidden("You have no account here yet. Ask to be invited.", code="sso_no_account")
    if person.email is None or not person.email_verified:
        raise Forbidden(
            "The sign-in service does not say that your e-mail address is verified. Verify it there, then try again.",
            code="sso_email_unverified",
        )
    now = utc_now()
    return User(
        id=new_id(),
        email=person.email,
        name=person.name,
        claimed_at=now,
        email_verified_at=now,
        language=language,
    )
