"""Single-use tokens of accounts. Times are the database's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import TokenPurpose
from app.models import AccountToken

KEPT = timedelta(days=1)


class AccountTokenRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        purpose: TokenPurpose,
        token_hash: bytes,
        *,
        user_id: UUID | None,
        good_for: timedelta,
        email: str | None = None,
    ) -> None:
        await self._session.execute(delete(AccountToken).where(AccountToken.expires_at < func.now() - KEPT))
        await self._session.execute(
            insert(AccountToken).values(
                token_hash=token_hash,
                purpose=purpose,
                user_id=user_id,
                email=email,
                expires_at=func.now() + good_for,
            )
        )

    async def add_once(self, purpose: TokenPurpose, token_hash: bytes, *, good_for: timedelta) -> bool:
        """Remember a token that somebody else made. False when it was here before."""
        added = await self._session.scalar(
            insert(AccountToken)
            .values(token_hash=token_hash, purpose=purpose, expires_at=func.now() + good_for, used_at=func.now())
            .on_conflict_do_nothing()
            .returning(AccountToken.token_hash)
        )
        return added is not None

    async def find(self, purpose: TokenPurpose, token_hash: bytes) -> AccountToken | None:
        """One that is still good."""
        return await self._session.scalar(
            select(AccountToken).where(
                AccountToken.token_hash == token_hash,
                AccountToken.purpose == purpose,
                AccountToken.used_at.is_(None),
                AccountToken.expires_at > func.now(),
            )
        )

    async def use(self, purpose: TokenPurpose, token_hash: bytes) -> bool:
        """True once: of several who come with it at the same time, one gets it."""
        used = await self._session.scalar(
            update(AccountToken)
            .where(
                AccountToken.token_hash == token_hash,
                AccountToken.purpose == purpose,
                AccountToken.used_at.is_(None),
                AccountToken.expires_at > func.now(),
            )
            .values(used_at=func.now())
            .returning(AccountToken.token_hash)
        )
        return used is not None

    async def withdraw(self, user_id: UUID, *purposes: TokenPurpose) -> None:
        """None of this person's tokens for these purposes is good any more."""
        await self._session.execute(
            update(AccountToken)
            .where(AccountToken.user_id == user_id, AccountToken.purpose.in_(purposes), AccountToken.used_at.is_(None))
            .values(used_at=func.now())
        )
