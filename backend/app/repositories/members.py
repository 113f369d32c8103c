"""Who belongs to one organisation, as what."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Role
from app.core.errors import NotFound
from app.models import Membership, Organization, SecondFactor, User

_RANK = case({role: rank for rank, role in enumerate(Role)}, value=Membership.role)


class MemberRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def lock_organization(self) -> Organization:
        """Until this transaction ends, nobody else changes who belongs to it. Jobs may be added meanwhile."""
        organization = await self._session.scalar(
            select(Organization).where(Organization.id == self._organization_id).with_for_update(key_share=True)
        )
        if organization is None:
            raise NotFound("There is no such organisation.", code="organization_not_found")
        return organization

    async def list_members(self) -> list[tuple[Membership, User, bool]]:
        """Owners first, then by name; each with whether the person has a second factor."""
        rows = await self._session.execute(
            select(Membership, User, SecondFactor.confirmed_at.is_not(None))
            .join(User, User.id == Membership.user_id)
            .outerjoin(SecondFactor, SecondFactor.user_id == Membership.user_id)
            .where(Membership.organization_id == self._organization_id)
            .order_by(_RANK, User.name, User.id)
        )
        return [(membership, user, has_factor) for membership, user, has_factor in rows.all()]

    async def count(self) -> int:
        return (
            await self._session.scalar(select(func.count()).where(Membership.organization_id == self._organization_id))
            or 0
        )

    async def get(self, user_id: UUID) -> Membership:
        membership = await self._session.get(Membership, (self._organization_id, user_id))
        if membership is None:
            raise NotFound("There is no such member.", code="member_not_found")
        return membership

    async def find_role(self, user_id: UUID) -> Role | None:
        return await self._session.scalar(
            select(Membership.role).where(
                Membership.organization_id == self._organization_id, Membership.user_id == user_id
            )
        )

    async def find_by_email(self, email: str) -> Membership | None:
        return await self._session.scalar(
            select(Membership)
            .join(User, User.id == Membership.user_id)
            .where(Membership.organization_id == self._organization_id, User.email == email)
        )

    async def has_other_owner(self, user_id: UUID) -> bool:
        """Whether somebody else who can sign in owns the organisation."""
        others = select(Membership.user_id).join(User, User.id == Membership.user_id)
        others = others.where(
            Membership.organization_id == self._organization_id,
            Membership.role == Role.OWNER,
            Membership.user_id != user_id,
            User.disabled_at.is_(None),
            User.deletion_due_at.is_(None),
        )
        return bool(await self._session.scalar(select(others.exists())))

    def add(self, user_id: UUID, role: Role) -> None:
        self._session.add(Membership(organization_id=self._organization_id, user_id=user_id, role=role))

    async def remove(self, membership: Membership) -> None:
        await self._session.delete(membership)
        await self._session.flush()
