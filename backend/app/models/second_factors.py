"""The second factor of accounts. Not tenant tables: it belongs to the person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class SecondFactor(Base):
    """A secret that the person's authenticator has too. Asked for once `confirmed_at` says that it really has.

    The secret is sealed (`core/sealing.py`): whoever reads the table can make no codes of it.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(
        BigInteger, comment="Of the last code that was taken; it and earlier ones are refused."
    )


class RecoveryCode(Base):
    """For whoever has lost the authenticator; good once. Kept as a keyed hash."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]
