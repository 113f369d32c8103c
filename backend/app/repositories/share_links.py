"""Share links of one organisation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.models import Collection, Membership, ShareLink, User


class ShareLinkRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, link: ShareLink) -> None:
        self._session.add(link)

    async def count_open(self, user_id: UUID, now: datetime) -> int:
        count = await self._session.scalar(
            select(func.count()).where(
                ShareLink.organization_id == self._organization_id,
                ShareLink.user_id == user_id,
                ShareLink.revoked_at.is_(None),
                ShareLink.expires_at > now,
            )
        )
        return count or 0

    async def page(
        self, user_id: UUID | None, now: datetime, *, before_id: UUID | None, limit: int
    ) -> list[tuple[ShareLink, str]]:
        """Open ones with their makers' names, newest first; of everybody when `user_id` is None."""
        query = (
            select(ShareLink, User.name)
            .join(User, User.id == ShareLink.user_id)
            .where(
                ShareLink.organization_id == self._organization_id,
                ShareLink.revoked_at.is_(None),
                ShareLink.expires_at > now,
            )
            .order_by(ShareLink.id.desc())
            .limit(limit)
        )
        if user_id is not None:
            query = query.where(ShareLink.user_id == user_id)
        if before_id is not None:
            query = query.where(ShareLink.id < before_id)
        return [(row[0], row[1]) for row in (await self._session.execute(query)).all()]

    async def get_locked(self, link_id: UUID, user_id: UUID | None) -> ShareLink:
        """One that is not revoked; of that user, or of anybody when None."""
        query = select(ShareLink).where(
            ShareLink.organization_id == self._organization_id, ShareLink.id == link_id, ShareLink.revoked_at.is_(None)
        )
        if user_id is not None:
            query = query.where(ShareLink.user_id == user_id)
        link = await self._session.scalar(query.with_for_update())
        if link is None:
            raise NotFound("There is no such link.", code="share_not_found")
        return link

    async def find_open(self, token_hash: bytes, now: datetime) -> tuple[ShareLink, str | None] | None:
        """The link and its collection's name, when neither it, nor its maker, nor their membership has ended."""
        row = (
            await self._session.execute(
                select(ShareLink, Collection.name)
                .join(User, User.id == ShareLink.user_id)
                .join(
                    Membership,
                    (Membership.organization_id == ShareLink.organization_id)
                    & (Membership.user_id == ShareLink.user_id),
                )
                .outerjoin(
                    Collection,
                    (Collection.organization_id == ShareLink.organization_id)
                    & (Collection.id == ShareLink.collection_id),
                )
                .where(
                    ShareLink.organization_id == self._organization_id,
                    ShareLink.token_hash == token_hash,
                    ShareLink.revoked_at.is_(None),
                    ShareLink.expires_at > now,
                    User.disabled_at.is_(None),
                )
            )
        ).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def count_view(self, link_id: UUID, now: datetime) -> None:
        await self._session.execute(
            update(ShareLink)
            .where(ShareLink.organization_id == self._organization_id, ShareLink.id == link_id)
            .values(views=ShareLink.views + 1, last_viewed_at=now)
        )
