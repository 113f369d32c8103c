"""What an organisation has, table by table, for handing it out as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Visibility
from app.models import (
    ApiKey,
    Collection,
    Image,
    ImageJob,
    Invitation,
    ModerationDecision,
    ModerationRule,
    QuotaAccount,
    ShareLink,
    UserQuotaAccount,
)


class OrganizationTable(Enum):
    KEYS = ApiKey
    INVITATIONS = Invitation
    RULES = ModerationRule
    DECISIONS = ModerationDecision
    COLLECTIONS = Collection
    SHARE_LINKS = ShareLink
    JOBS = ImageJob
    IMAGES = Image


class OrganizationDataRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def page(self, table: OrganizationTable, *, after: UUID, limit: int) -> Sequence[Any]:
        """Rows of that table's class, oldest first, from behind `after`. Deleted images are none."""
        model: Any = table.value
        query = select(model).where(model.organization_id == self._organization_id, model.id > after)
        if table is OrganizationTable.IMAGES:
            query = query.where(Image.deleted_at.is_(None))
        return (await self._session.scalars(query.order_by(model.id).limit(limit))).all()

    async def visible_images(self, user_id: UUID, *, after: UUID, limit: int) -> Sequence[Image]:
        """Shared ones and this person's, oldest first."""
        query = select(Image).where(*self._visible_to(user_id), Image.id > after)
        return (await self._session.scalars(query.order_by(Image.id).limit(limit))).all()

    async def count_visible_images(self, user_id: UUID) -> int:
        return await self._session.scalar(select(func.count()).where(*self._visible_to(user_id))) or 0

    async def months_of_use(self) -> Sequence[QuotaAccount]:
        query = select(QuotaAccount).where(QuotaAccount.organization_id == self._organization_id)
        return (await self._session.scalars(query.order_by(QuotaAccount.period_start))).all()

    async def months_of_members(self) -> Sequence[UserQuotaAccount]:
        query = select(UserQuotaAccount).where(UserQuotaAccount.organization_id == self._organization_id)
        order = (UserQuotaAccount.period_start, UserQuotaAccount.user_id)
        return (await self._session.scalars(query.order_by(*order))).all()

    def _visible_to(self, user_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return (
            Image.organization_id == self._organization_id,
            or_(Image.visibility == Visibility.ORGANIZATION, Image.user_id == user_id),
            Image.deleted_at.is_(None),
        )
