"""Members: who belongs to the organisation, as what, and how that ends."""

from __future__ import annotations

from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Role
from app.core.errors import Conflict
from app.core.logging import get_logger
from app.core.security import Principal
from app.models import Membership, User
from app.schemas.organizations import MemberList, MemberOut
from app.services.organizations import require_current
from app.services.policies import MANAGERS, require_manages
from app.services.sessions import SessionService, SignIn
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)


class MemberService:
    """The organisation is locked while its members change: it always keeps an owner who can sign in."""

    def __init__(self, units: UnitsOfWork, *, sessions: SessionService) -> None:
        self._units = units
        self._sessions = sessions

    async def list_members(self, principal: Principal) -> MemberList:
        """Owners first. Addresses are for those who manage the organisation."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            members = await unit.members.list_members()
        return MemberList(items=[_view(*member, principal) for member in members])

    async def change_role(self, principal: Principal, user_id: UUID, role: Role) -> MemberOut:
        """Raises `Forbidden` for roles beyond the caller's reach, `Conflict` when no owner would be left."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            membership = await unit.members.get(user_id)
            require_manages(principal, membership.role)
            require_manages(principal, role)
            if membership.role is Role.OWNER and role is not Role.OWNER:
                await _require_other_owner(unit, user_id)
            before, membership.role = membership.role, role
            await unit.tell(
                AuditAction.MEMBER_ROLE_CHANGED,
                principal,
                target=f"user:{user_id}",
                before={"role": before.value},
                after={"role": role.value},
            )
            user = await unit.users.get(user_id)
            has_factor = await unit.second_factors.is_on(user_id)
        log.info("member_role_changed", user_id=str(user_id), role=role.value)
        return _view(membership, user, has_factor, principal)

    async def end_sessions(self, principal: Principal, user_id: UUID) -> None:
        """Sign a member out of this organisation everywhere: a lost telephone, say. Their keys and membership stay."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            membership = await unit.members.get(user_id)
            require_manages(principal, membership.role)
            ended = await unit.sessions.revoke_in(
                principal.organization_id, user_id, because="ended_by_manager", now=utc_now()
            )
            await unit.tell(
                AuditAction.SESSIONS_ENDED,
                principal,
                target=f"user:{user_id}",
                after={"sessions": len(ended), "because": "ended_by_manager"},
            )
        self._sessions.forget(ended)
        log.info("member_sessions_ended", user_id=str(user_id), sessions=len(ended))

    async def remove(self, principal: Principal, user_id: UUID) -> None:
        """Their sessions here and their keys end within moments. What they made stays with the organisation."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            membership = await unit.members.get(user_id)
            require_manages(principal, membership.role)
            if user_id == principal.user_id:
                raise Conflict("You can't remove yourself. Leave the organisation instead.", code="leave_instead")
            ended = await self._end(unit, principal, membership, AuditAction.MEMBER_REMOVED)
        self._sessions.forget(ended)

    async def leave(self, principal: Principal, organization_id: UUID) -> SignIn | None:
        """The session goes on in another organisation of the person's; None when there is none, and it has ended.

        Raises `Conflict` for the last owner.
        """
        require_current(principal, organization_id)
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            membership = await unit.members.get(principal.user_id)
            if membership.role is Role.OWNER:
                await _require_other_owner(unit, principal.user_id)
            others = [
                organization.id
                for organization, _ in await unit.organizations.memberships_of(principal.user_id)
                if organization.id != organization_id
            ]
            if others:
                signed_in = await self._sessions.move(unit, principal, others[0])
            ended = await self._end(unit, principal, membership, AuditAction.MEMBER_LEFT)
        self._sessions.forget([principal.in_session, *ended])
        return signed_in if others else None

    @staticmethod
    async def _end(unit: TenantUnit, principal: Principal, membership: Membership, action: AuditAction) -> list[UUID]:
        """The ids of the sessions that this ended."""
        now, user_id = utc_now(), membership.user_id
        ended = await unit.sessions.revoke_in(principal.organization_id, user_id, because=action.value, now=now)
        keys = await unit.keys.revoke_all_of(user_id, now)
        before = {"role": membership.role.value}
        await unit.members.remove(membership)
        await unit.tell(
            action,
            principal,
            target=f"user:{user_id}",
            before=before,
            after={"sessions_ended": len(ended), "keys_revoked": keys},
        )
        log.info("membership_ended", user_id=str(user_id), action=action.value)
        return ended


async def _require_other_owner(unit: TenantUnit, user_id: UUID) -> None:
    if not await unit.members.has_other_owner(user_id):
        raise Conflict(
            "An organisation needs an owner. Make somebody else owner first, or delete the organisation.",
            code="last_owner",
        )


def _view(membership: Membership, user: User, has_factor: bool, principal: Principal) -> MemberOut:
    sees_account = principal.role in MANAGERS or user.id == principal.user_id
    return MemberOut(
        id=user.id,
        name=user.name,
        email=user.email if sees_account else None,
        role=membership.role,
        joined_at=membership.created_at,
        me=user.id == principal.user_id,
        second_factor=has_factor if sees_account else None,
    )
