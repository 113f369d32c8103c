"""What an organisation has used, and the ledger that explains it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import LedgerEntryKind
from app.db.base import Base
from app.models.columns import word_of


class QuotaAccount(Base):
    """One organisation in one calendar month (UTC). Costs in pixel-steps: whole numbers,
    so that the ledger sums exactly. One row, so reserving is one UPDATE."""

    __tablename__ = "quota_accounts"
    __table_args__ = (CheckConstraint("reserved >= 0 AND charged >= 0", name="never_negative"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    reserved: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    charged: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class UserQuotaAccount(Base):
    """One person in one organisation in one calendar month (UTC): the part of `QuotaAccount` that is theirs."""

    __tablename__ = "user_quota_accounts"
    __table_args__ = (CheckConstraint("reserved >= 0 AND charged >= 0", name="never_negative"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    reserved: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    charged: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class LedgerEntry(Base):
    """Append-only. The key allows one entry of a kind per job: nothing is charged or refunded twice."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "job_id"], ["image_jobs.organization_id", "image_jobs.id"], ondelete="CASCADE"
        ),
        Index("ix_ledger_entries_period", "organization_id", "period_start"),
        # A job is closed once: settled or refunded, never both.
        Index(
            "uq_ledger_entries_closing",
            "organization_id",
            "job_id",
            unique=True,
            postgresql_where=text("kind IN ('settle', 'refund')"),
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[LedgerEntryKind] = mapped_column(word_of(LedgerEntryKind), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    period_start: Mapped[date]
    amount: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
