"""One organisation's invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.models import Invitation, Organization, User


class InvitationRepository:
    """An invitation is open until it is accepted or revoked; an open one may have expired."""

    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, invitation: Invitation) -> None:
        self._session.add(invitation)

    async def count_open(self) -> int:
        return await self._session.scalar(select(func.count()).select_from(Invitation).where(*self._open())) or 0

    async def list_open(self) -> list[tuple[Invitation, str | None]]:
        """With the inviters' names, newest first."""
        rows = await self._session.execute(
            select(Invitation, User.name)
            .join(User, User.id == Invitation.invited_by, isouter=True)
            .where(*self._open())
            .order_by(Invitation.id.desc())
        )
        return [(invitation, name) for invitation, name in rows.all()]

    async def get_open_locked(self, invitation_id: UUID) -> Invitation:
        invitation = await self._session.scalar(
            select(Invitation).where(*self._open(), Invitation.id == invitation_id).with_for_update()
        )
        if invitation is None:
            raise NotFound("There is no such invitation.", code="invitation_not_found")
        return invitation

    async def revoke_open_of(self, email: str, now: datetime) -> list[UUID]:
        """The ids of those that this ended."""
        rows = await self._session.scalars(
            update(Invitation)
            .where(*self._open(), Invitation.email == email)
            .values(revoked_at=now)
            .returning(Invitation.id)
        )
        return list(rows.all())

    async def get_usable(self, token_hash: bytes, now: datetime) -> tuple[Invitation, str, str | None]:
        """With the organisation's and the inviter's name. Locked: of two who accept at once, the second comes late."""
        row = (
            await self._session.execute(
                select(Invitation, Organization.name, User.name)
                .join(Organization, Organization.id == Invitation.organization_id)
                .join(User, User.id == Invitation.invited_by, isouter=True)
                .where(*self._open(), Invitation.token_hash == token_hash, Invitation.expires_at > now)
                .with_for_update(of=Invitation)
            )
        ).one_or_none()
        if row is None:
            raise spent_invitation()
        return row[0], row[1], row[2]

    def _open(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Invitation.organization_id == self._organization_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )


def spent_invitation() -> NotFound:
    return NotFound(
        "This invitation is not good any more: it was used, revoked, or has expired. Ask for a new one.",
        code="invitation_not_found",
    )
