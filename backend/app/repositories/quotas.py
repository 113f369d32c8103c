"""One organisation's quota account and ledger. Costs in pixel-steps."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import LedgerEntryKind
from app.models import LedgerEntry, QuotaAccount


class QuotaRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def reserve(self, period: date, amount: int, limit: int | None) -> bool:
        """Add to what is reserved, if the limit allows. One statement on one row: concurrent requests queue on it."""
        await self._session.execute(
            insert(QuotaAccount)
            .values(organization_id=self._organization_id, period_start=period)
            .on_conflict_do_nothing()
        )
        statement = (
            update(QuotaAccount)
            .where(QuotaAccount.organization_id == self._organization_id, QuotaAccount.period_start == period)
            .values(reserved=QuotaAccount.reserved + amount)
            .returning(QuotaAccount.reserved)
        )
        if limit is not None:
            statement = statement.where(QuotaAccount.reserved + QuotaAccount.charged + amount <= limit)
        return await self._session.scalar(statement) is not None

    async def used(self, period: date) -> int:
        """Charged and reserved."""
        value = await self._session.scalar(
            select(QuotaAccount.reserved + QuotaAccount.charged).where(
                QuotaAccount.organization_id == self._organization_id, QuotaAccount.period_start == period
            )
        )
        return value or 0

    def write_reserve(self, *, job_id: UUID, user_id: UUID, period: date, amount: int) -> None:
        self._session.add(
            LedgerEntry(
                organization_id=self._organization_id,
                job_id=job_id,
                kind=LedgerEntryKind.RESERVE,
                user_id=user_id,
                period_start=period,
                amount=amount,
            )
        )

    async def close(self, job_id: UUID, kind: LedgerEntryKind) -> None:
        """Settle or refund what was reserved for the job, once: a second close changes nothing."""
        reserve = (
            await self._session.execute(
                select(LedgerEntry.user_id, LedgerEntry.period_start, LedgerEntry.amount).where(
                    LedgerEntry.organization_id == self._organization_id,
                    LedgerEntry.job_id == job_id,
                    LedgerEntry.kind == LedgerEntryKind.RESERVE,
                )
            )
        ).one()
        written = await self._session.scalar(
            insert(LedgerEntry)
            .values(
                organization_id=self._organization_id,
                job_id=job_id,
                kind=kind,
                user_id=reserve.user_id,
                period_start=reserve.period_start,
                amount=reserve.amount,
            )
            .on_conflict_do_nothing()
            .returning(LedgerEntry.job_id)
        )
        if written is None:
            return
        charged = reserve.amount if kind is LedgerEntryKind.SETTLE else 0
        await self._session.execute(
            update(QuotaAccount)
            .where(
                QuotaAccount.organization_id == self._organization_id,
                QuotaAccount.period_start == reserve.period_start,
            )
            .values(
                reserved=QuotaAccount.reserved - reserve.amount,
                charged=QuotaAccount.charged + charged,
            )
        )
