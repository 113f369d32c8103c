"""Finished images. The parameters stand beside each image, so that the gallery needs no join."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
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
        Index(
            "ix_images_user_newest",
            "organization_id",
            "user_id",
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_images_shared_newest",
            "organization_id",
            text("id DESC"),
            postgresql_where=text("visibility = 'organization' AND deleted_at IS NULL"),
        ),
        Index(
            "ix_images_tagged",
            "organization_id",
            "user_id",
            postgresql_where=text("deleted_at IS NULL AND tags <> '{}'"),
        ),
        Index("ix_images_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(comment="0-based index within the job.")
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))

    storage_key: Mapped[str]
    thumbnail_key: Mapped[str]
    medium_key: Mapped[str | None] = mapped_column(comment="A larger thumbnail, of pictures large enough for it.")
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
    deleted_at: Mapped[datetime | None]


class ImageWord(Base):
    """Every word of an organisation's prompts, for finding what a misspelt one meant. A trigger writes it; only the
    database's own functions read it."""

    __tablename__ = "image_words"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


# Beside the mapped class: the database makes it and searches in it, and no row that is read carries it along.
_images: Table = Base.metadata.tables["images"]
_search: Column[str] = Column(
    "search", TSVECTOR(), Computed("image_lexemes(organization_id, prompt, tags)", persisted=True)
)
_images.append_column(_search)
Index("ix_images_search", _search, postgresql_using="gin", postgresql_where=text("deleted_at IS NULL"))
