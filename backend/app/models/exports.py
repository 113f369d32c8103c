"""Zip archives, made by the upkeep in parts: whoever goes on after a kill begins behind the last one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import ExportKind, ExportStatus
from app.db.base import Base
from app.models.columns import word_of


class Export(Base):
    """`done` counts the images that are dealt with; those that were gone by then are `skipped` too. Chosen ones stand
    in `image_ids`. Of a person's whole account that is empty: `total` says how many there were when it was asked for,
    and `position` where its next part begins.

    A RUNNING one has a lease, as jobs have: only who holds its token may write.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("(status = 'RUNNING') = (lease_token IS NOT NULL)", name="lease_while_running"),
        Index("ix_exports_open", "created_at", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),
        Index("ix_exports_expired", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index("ix_exports_user", "organization_id", "user_id", text("id DESC")),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[ExportKind] = mapped_column(word_of(ExportKind), server_default=ExportKind.IMAGES.value)
    status: Mapped[ExportStatus] = mapped_column(word_of(ExportStatus))
    image_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    total: Mapped[int] = mapped_column(server_default=text("0"))
    position: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    done: Mapped[int] = mapped_column(server_default=text("0"))
    skipped: Mapped[int] = mapped_column(server_default=text("0"))
    size_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(comment="Its files are removed after this.")


class ExportPart(Base):
    """One stored piece of the archive; `entries` say where its files are (see `utils/zip_parts.py`)."""

    __tablename__ = "export_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "export_id"], ["exports.organization_id", "exports.id"], ondelete="CASCADE"
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    storage_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[list[Any]] = mapped_column(JSONB)
