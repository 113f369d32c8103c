"""Identities at providers of single sign-on, and what they decide: memberships and sessions."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Role
from app.models import ExternalIdentity, Membership, Session


class IdentityRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, issuer: str, subject: str) -> None:
        """Until this transaction ends nobody else decides who that is: two tabs make one account."""
        digest = hashlib.sha256(f"{issuer} {subject}".encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        await self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def find(self, issuer: str, subject: str) -> ExternalIdentity | None:
        return await self._session.get(ExternalIdentity, (issuer, subject))

    async def of_user(self, user_id: UUID) -> list[ExternalIdentity]:
        rows = await self._session.scalars(
            select(ExternalIdentity)
            .where(ExternalIdentity.user_id == user_id)
            .order_by(ExternalIdentity.created_at, ExternalIdentity.issuer)
        )
        return list(rows.all())

    def add(self, identity: ExternalIdentity) -> None:
        self._session.add(identity)

    async def find_membership(self, organization_id: UUID, user_id: UUID) -> Membership | None:
        return await self._session.get(Membership, (organization_id, user_id), with_for_update=True)

    def add_membership(self, membership: Membership) -> None:
        self._session.add(membership)

    async def is_last_owner(self, membership: Membership) -> bool:
        owners = await self._session.scalar(
            select(func.count()).where(
                Membership.organization_id == membership.organization_id, Membership.role == Role.OWNER
            )
        )
        return membership.role is Role.OWNER and owners == 1

    async def end_sessions(
        self, issuer: str, *, subject: str | None, sid: str | None, because: str, now: datetime
    ) -> list[Session]:
        """Those that this identity signed in to; only those of the provider's session `sid` when it is given."""
        statement = update(Session).where(Session.identity_issuer == issuer, Session.revoked_at.is_(None))
        if subject is not None:
            statement = statement.where(Session.identity_subject == subject)
        if sid is not None:
            statement = statement.where(Session.identity_sid == sid)
        rows = await self._session.scalars(
            statement.values(revoked_at=now, revoked_because=because)
            .returning(Session)
            .execution_options(synchronize_session=False)
        )
        return list(rows.all())
