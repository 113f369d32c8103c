"""Finished images. The parameters stand beside each image, so that the gallery needs no join."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Double, ForeignKey, ForeignKeyConstraint, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import Visibility
from app.db.base import Base
from app.models.columns import word_of


class Image(Base):
    __tablename__ = "images"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "job_id"], ["image_jobs.organization_id", "image_jobs.id"], ondelete="CASCADE"
        ),
        Index("uq_images_job_position", "organization_id", "job_id", "position", unique=True),
        Index("ix_images_user_newest", "organization_id", "user_id", text("id DESC")),
        Index(
            "ix_images_shared_newest",
            "organization_id",
            text("id DESC"),
            postgresql_where=text("visibility = 'organization'"),
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(comment="0-based index within the job.")
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))

    storage_key: Mapped[str]
    thumbnail_key: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    placeholder: Mapped[str]

    prompt: Mapped[str]
    negative_prompt: Mapped[str | None]
    model: Mapped[str]
    steps: Mapped[int]
    guidance: Mapped[float] = mapped_column(Double)

    favorite: Mapped[bool] = mapped_column(server_default=text("false"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
