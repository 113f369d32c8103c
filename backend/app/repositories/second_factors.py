"""Second factors and their recovery codes, of one person at a time."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import RecoveryCode, SecondFactor


class SecondFactorRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, factor: SecondFactor) -> None:
        self._session.add(factor)

    async def find(self, user_id: UUID) -> SecondFactor | None:
        return await self._session.get(SecondFactor, user_id)

    async def find_locked(self, user_id: UUID) -> SecondFactor | None:
        """Of two codes that come at once, the second waits and sees what the first did."""
        return await self._session.get(SecondFactor, user_id, with_for_update=True)

    async def is_on(self, user_id: UUID) -> bool:
        confirmed = select(SecondFactor.user_id).where(
            SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
        )
        return bool(await self._session.scalar(select(confirmed.exists())))

    async def remove(self, user_id: UUID) -> None:
        await self._session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        await self._session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))

    async def replace_codes(self, user_id: UUID, hashes: Iterable[bytes]) -> None:
        await self._session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        await self._session.execute(
            insert(RecoveryCode), [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes]
        )

    async def use_code(self, user_id: UUID, code_hash: bytes) -> bool:
        used = await self._session.scalar(
            update(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None))
            .values(used_at=func.now())
            .returning(RecoveryCode.user_id)
        )
        return used is not None

    async def codes_left(self, user_id: UUID) -> int:
        count = await self._session.scalar(
            select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        )
        return count or 0
