"""API keys of one organisation, and finding one by what a caller presents."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Role
from app.core.errors import NotFound
from app.models import ApiKey, Invitation, Membership, ShareLink, User

LAST_USED_GRAIN = timedelta(minutes=1)
"""`last_used_at` is written at most this often: a busy key must not turn each read into a write."""


class ApiKeyRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, key: ApiKey) -> None:
        self._session.add(key)

    async def count_of(self, user_id: UUID) -> int:
        """Keys that are not revoked."""
        count = await self._session.scalar(
            select(func.count()).where(
                ApiKey.organization_id == self._organization_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)
            )
        )
        return count or 0

    async def list_keys(self, user_id: UUID | None) -> list[tuple[ApiKey, str]]:
        """With their owners' names, newest first; of everybody when `user_id` is None. Revoked ones are gone."""
        query = (
            select(ApiKey, User.name)
            .join(User, User.id == ApiKey.user_id)
            .where(ApiKey.organization_id == self._organization_id, ApiKey.revoked_at.is_(None))
            .order_by(ApiKey.id.desc())
        )
        if user_id is not None:
            query = query.where(ApiKey.user_id == user_id)
        return [(key, name) for key, name in (await self._session.execute(query)).all()]

    async def get_locked(self, key_id: UUID, user_id: UUID | None) -> ApiKey:
        """A key that is not revoked; of that user, or of anybody when None."""
        query = select(ApiKey).where(
            ApiKey.organization_id == self._organization_id, ApiKey.id == key_id, ApiKey.revoked_at.is_(None)
        )
        if user_id is not None:
            query = query.where(ApiKey.user_id == user_id)
        key = await self._session.scalar(query.with_for_update())
        if key is None:
            raise NotFound("There is no such API key.", code="key_not_found")
        return key

    async def revoke_all_of(self, user_id: UUID, now: datetime) -> int:
        """How many this ended."""
        rows = await self._session.scalars(
            update(ApiKey)
            .where(
                ApiKey.organization_id == self._organization_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)
            )
            .values(revoked_at=now)
            .returning(ApiKey.id)
        )
        return len(rows.all())

    async def find_usable(self, key_hash: bytes, now: datetime) -> tuple[ApiKey, Role] | None:
        """The key and its owner's role, when neither key, person nor membership has ended."""
        row = (await self._session.execute(self._usable(now).where(ApiKey.key_hash == key_hash))).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def find_standing(self, key_id: UUID, now: datetime) -> Role | None:
        row = (await self._session.execute(self._usable(now).where(ApiKey.id == key_id))).one_or_none()
        return row[1] if row is not None else None

    def _usable(self, now: datetime) -> Select[ApiKey, Role]:
        return (
            select(ApiKey, Membership.role)
            .join(User, User.id == ApiKey.user_id)
            .join(
                Membership,
                (Membership.organization_id == ApiKey.organization_id) & (Membership.user_id == ApiKey.user_id),
            )
            .where(
                ApiKey.organization_id == self._organization_id,
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
                User.disabled_at.is_(None),
                User.deletion_due_at.is_(None),
            )
        )

    async def note_use(self, key_id: UUID, now: datetime) -> None:
        await self._session.execute(
            update(ApiKey)
            .where(
                ApiKey.organization_id == self._organization_id,
                ApiKey.id == key_id,
                or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now - LAST_USED_GRAIN),
            )
            .values(last_used_at=now)
        )


class CredentialRepository:
    """Which organisation a presented secret is of. Row-level security shows only the rows of that very secret."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_organization_of_key(self, key_hash: bytes) -> UUID | None:
        await self._present(key_hash)
        return await self._session.scalar(select(ApiKey.organization_id).where(ApiKey.key_hash == key_hash))

    async def find_organization_of_invitation(self, token_hash: bytes) -> UUID | None:
        await self._present(token_hash)
        return await self._session.scalar(select(Invitation.organization_id).where(Invitation.token_hash == token_hash))

    async def find_organization_of_link(self, token_hash: bytes) -> UUID | None:
        await self._present(token_hash)
        return await self._session.scalar(select(ShareLink.organization_id).where(ShareLink.token_hash == token_hash))

    async def _present(self, credential: bytes) -> None:
        """For the rest of this transaction the policies named `bearer` let its rows be seen."""
        await self._session.execute(select(func.set_config("app.credential", credential.hex(), True)))
