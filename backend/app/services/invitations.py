"""Invitations: made for one address, sent there and handed on as a link, accepted once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language
from app.core.errors import Conflict, Forbidden
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import Invitation, User
from app.repositories.invitations import spent_invitation
from app.schemas.invitations import (
    InvitationCreated,
    InvitationList,
    InvitationOut,
    InvitationPreview,
    NewInvitation,
)
from app.services.letters import write_letter
from app.services.limits import GuessLimits
from app.services.mails import MailService
from app.services.policies import require_manages
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)

MAX_OPEN = 500


class InvitationService:
    def __init__(self, units: UnitsOfWork, *, mails: MailService, guesses: GuessLimits, public_url: str) -> None:
        self._units = units
        self._mails = mails
        self._guesses = guesses
        self._public_url = public_url

    async def create(self, principal: Principal, wanted: NewInvitation, language: Language) -> InvitationCreated:
        """Told to whoever invites and sent to the address. A new one for an address takes the place of an open one.

        Raises `Forbidden` for a role beyond the caller's reach, `Conflict` for somebody who belongs already, and
        `RateLimited` when one address has had many.
        """
        require_manages(principal, wanted.role)
        token, now = new_secret_token(), utc_now()
        invitation = Invitation(
            organization_id=principal.organization_id,
            id=new_id(),
            email=wanted.email.strip().lower(),
            role=wanted.role,
            token_hash=hash_token(token),
            invited_by=principal.user_id,
            created_at=now,
            expires_at=now + timedelta(days=wanted.expires_in_days),
        )
        await self._guesses.admit_invitation(invitation.email, principal.organization_id)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            if await unit.members.find_by_email(invitation.email) is not None:
                raise Conflict("This person belongs to the organisation already.", code="already_member")
            replaced = await unit.invitations.revoke_open_of(invitation.email, now)
            if await unit.invitations.count_open() >= MAX_OPEN:
                raise Conflict(f"{MAX_OPEN} invitations are open. Revoke some first.", code="too_many_invitations")
            unit.invitations.add(invitation)
            inviter = await self._send(unit, principal, invitation, token, language)
            await unit.tell(
                AuditAction.INVITATION_CREATED,
                principal,
                target=f"invitation:{invitation.id}",
                before={"replaced": [str(each) for each in replaced]} if replaced else None,
                after=_told(invitation),
            )
        return self._created(invitation, inviter, token)

    async def send_again(self, principal: Principal, invitation_id: UUID, language: Language) -> InvitationCreated:
        """With a new link, good for as long as the first one was; the old link opens nothing any more.

        Raises `NotFound`; `Forbidden` when its role is beyond the caller's reach; `RateLimited`.
        """
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            invitation = await unit.invitations.get_open_locked(invitation_id)
            require_manages(principal, invitation.role)
        await self._guesses.admit_invitation(invitation.email, principal.organization_id)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            invitation = await unit.invitations.get_open_locked(invitation_id)
            token, now, before = new_secret_token(), utc_now(), _told(invitation)
            good_for = invitation.expires_at - invitation.created_at
            invitation.token_hash, invitation.invited_by = hash_token(token), principal.user_id
            invitation.created_at, invitation.expires_at = now, now + good_for
            inviter = await self._send(unit, principal, invitation, token, language)
            await unit.tell(
                AuditAction.INVITATION_SENT_AGAIN,
                principal,
                target=f"invitation:{invitation.id}",
                before=before,
                after=_told(invitation),
            )
        return self._created(invitation, inviter, token)

    async def list_open(self, principal: Principal) -> InvitationList:
        """Neither accepted nor revoked, newest first; those that have expired say so."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.invitations.list_open()
        return InvitationList(items=[_view(invitation, name, utc_now()) for invitation, name in found])

    async def revoke(self, principal: Principal, invitation_id: UUID) -> None:
        """Raises `NotFound`; `Forbidden` when its role is beyond the caller's reach."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            invitation = await unit.invitations.get_open_locked(invitation_id)
            require_manages(principal, invitation.role)
            invitation.revoked_at = utc_now()
            await unit.tell(
                AuditAction.INVITATION_REVOKED,
                principal,
                target=f"invitation:{invitation.id}",
                before=_told(invitation),
            )

    async def preview(self, token: str) -> InvitationPreview:
        """For whoever holds the link. Raises `NotFound` for a token that opens nothing (any more)."""
        async with self._units.tenant(await self.organization_of(token)) as unit:
            invitation, organization, inviter = await unit.invitations.get_usable(hash_token(token), utc_now())
        return InvitationPreview(
            organization_name=organization,
            invited_by_name=inviter,
            email=invitation.email,
            role=invitation.role,
            expires_at=invitation.expires_at,
        )

    async def accept(self, user_id: UUID, token: str, origin: Origin) -> UUID:
        """A person with an account joins; returns where. Raises `Forbidden` when it is for another address."""
        organization_id = await self.organization_of(token)
        async with self._units.tenant(organization_id, user_id) as unit:
            await self.redeem(unit, token, await unit.users.get(user_id), origin)
        return organization_id

    async def organization_of(self, token: str) -> UUID:
        async with self._units.identity() as unit:
            organization_id = await unit.credentials.find_organization_of_invitation(hash_token(token))
        if organization_id is None:
            raise spent_invitation()
        return organization_id

    async def redeem(self, unit: TenantUnit, token: str, user: User, origin: Origin) -> None:
        """Part of another use case's transaction. Who belongs already keeps their role."""
        await unit.members.lock_organization()
        invitation, _, _ = await unit.invitations.get_usable(hash_token(token), utc_now())
        if invitation.email != user.email:
            raise Forbidden(
                "This invitation is for another e-mail address. Sign in with that one, or ask for a new invitation.",
                code="invitation_for_other_address",
            )
        known = await unit.members.find_role(user.id)
        if known is None:
            unit.members.add(user.id, invitation.role)
        invitation.accepted_at, invitation.accepted_by = utc_now(), user.id
        await unit.audit.write(
            AuditAction.INVITATION_ACCEPTED,
            organization_id=invitation.organization_id,
            actor_id=user.id,
            origin=origin,
            target=f"invitation:{invitation.id}",
            before={"role": known.value if known else None},
            after={"role": (known or invitation.role).value},
        )
        log.info("invitation_accepted", invitation_id=str(invitation.id), user_id=str(user.id))

    async def _send(
        self, unit: TenantUnit, principal: Principal, invitation: Invitation, token: str, language: Language
    ) -> User:
        """In the language of whoever is invited, if they have an account that says which; else in the inviter's."""
        inviter = await unit.users.get(principal.user_id)
        organization = await unit.organizations.get(principal.organization_id)
        invited = await unit.users.find_by_email(invitation.email)
        good_for = invitation.expires_at - invitation.created_at
        letter = write_letter(
            "invitation",
            (invited.language if invited is not None else None) or inviter.language or language,
            link=self._link(token),
            inviter=inviter.name,
            organization=organization.name,
            days=good_for.days,
        )
        await self._mails.post(unit, invitation.email, letter, useful_for=good_for)
        return inviter

    def _created(self, invitation: Invitation, inviter: User, token: str) -> InvitationCreated:
        shown = _view(invitation, inviter.name, utc_now()).model_dump()
        return InvitationCreated(**shown, token=token, url=self._link(token))

    def _link(self, token: str) -> str:
        return f"{self._public_url}/invite/{token}"


def _view(invitation: Invitation, inviter: str | None, now: datetime) -> InvitationOut:
    return InvitationOut(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        invited_by_name=inviter,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        expired=invitation.expires_at <= now,
    )


def _told(invitation: Invitation) -> dict[str, object]:
    return {
        "email": invitation.email,
        "role": invitation.role.value,
        "expires_at": invitation.expires_at.isoformat(),
    }
