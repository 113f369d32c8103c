"""The audit log: written by whoever does something, read by those who manage the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import AuditAction
from app.core.ids import new_id
from app.core.security import Origin
from app.models import AuditEvent, User

INSTALLATION = UUID(int=0)
"""Stands for the organisation of what belongs to none."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None leaves a property open. Times are exclusive."""

    action: AuditAction | None = None
    actor_id: UUID | None = None
    before: datetime | None = None
    after: datetime | None = None


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def write(
        self,
        action: AuditAction,
        *,
        organization_id: UUID | None,
        actor_id: UUID | None,
        origin: Origin,
        actor_key_id: UUID | None = None,
        target: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """In the transaction of what it tells: the two happen together, or not at all."""
        # Not through the session: that would read the row back, and a sign-in may not read the log.
        await self._session.execute(
            insert(AuditEvent).values(
                organization_id=organization_id or INSTALLATION,
                id=new_id(),
                action=action.value,
                actor_id=actor_id,
                actor_key_id=actor_key_id,
                target=target,
                address=origin.address,
                user_agent=origin.user_agent,
                trace_id=origin.trace_id,
                before=before,
                after=after,
            )
        )

    async def page(
        self, organization_id: UUID, wanted: AuditFilter, *, before_id: UUID | None, limit: int
    ) -> list[tuple[AuditEvent, str | None]]:
        """With the actors' names, newest first."""
        query = (
            select(AuditEvent, User.name)
            .join(User, User.id == AuditEvent.actor_id, isouter=True)
            .where(AuditEvent.organization_id == organization_id)
        )
        if wanted.action is not None:
            query = query.where(AuditEvent.action == wanted.action.value)
        if wanted.actor_id is not None:
            query = query.where(AuditEvent.actor_id == wanted.actor_id)
        if wanted.before is not None:
            query = query.where(AuditEvent.at < wanted.before)
        if wanted.after is not None:
            query = query.where(AuditEvent.at > wanted.after)
        if before_id is not None:
            query = query.where(AuditEvent.id < before_id)
        rows = await self._session.execute(query.order_by(AuditEvent.id.desc()).limit(limit))
        return [(event, name) for event, name in rows.all()]

    async def page_about(self, organization_id: UUID, user_id: UUID, *, after: UUID, limit: int) -> list[AuditEvent]:
        """What a person did, and what was done to them; oldest first."""
        rows = await self._session.scalars(
            select(AuditEvent)
            .where(
                AuditEvent.organization_id == organization_id,
                or_(AuditEvent.actor_id == user_id, AuditEvent.target == f"user:{user_id}"),
                AuditEvent.id > after,
            )
            .order_by(AuditEvent.id)
            .limit(limit)
        )
        return list(rows.all())
