"""Start-time fair queueing: how far each organisation, and each user within it, has used its share.

All figures are virtual time: cost in pixel-steps divided by weight. See docs/adr on fair queueing.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class OrganizationShare(Base):
    """`finish` is where the organisation's next job starts at the earliest, in the time of all organisations;
    `served` the virtual time within the organisation: the largest start of a user's job that was claimed."""

    __tablename__ = "organization_shares"
    __table_args__ = (CheckConstraint("weight > 0 AND weight <= 1000", name="sane_weight"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    weight: Mapped[float] = mapped_column(Double, server_default=text("1"))
    finish: Mapped[int] = mapped_column(BigInteger)
    served: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class UserShare(Base):
    """`finish` is where the user's next job starts at the earliest, in the time of their organisation."""

    __tablename__ = "user_shares"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    finish: Mapped[int] = mapped_column(BigInteger)
