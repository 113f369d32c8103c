"""Organisations and who belongs to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import Role
from app.db.base import Base
from app.models.columns import word_of


class Organization(Base):
    __tablename__ = "organizations"
    __table_args__ = (
        Index("ix_organizations_deletion", "deletion_due_at", postgresql_where=text("deletion_due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    quota_monthly: Mapped[int | None] = mapped_column(BigInteger, comment="Pixel-steps; null: the setting decides.")
    max_open_jobs: Mapped[int | None] = mapped_column(comment="Null: no limit.")
    member_quota_monthly: Mapped[int | None] = mapped_column(
        BigInteger, comment="For each member without a limit of their own."
    )
    member_max_open_jobs: Mapped[int | None] = mapped_column(comment="For each member without a limit of their own.")
    deletion_due_at: Mapped[datetime | None] = mapped_column(
        comment="Until then an owner may take it back; after it everything of the organisation is deleted."
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (Index(None, "user_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(word_of(Role))
    quota_monthly: Mapped[int | None] = mapped_column(
        BigInteger, comment="Of this member; null: the organisation decides."
    )
    max_open_jobs: Mapped[int | None] = mapped_column(comment="Of this member; null: the organisation decides.")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
