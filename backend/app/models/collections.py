"""Collections: images that somebody put together, in an order of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import Visibility
from app.db.base import Base
from app.models.columns import word_of


class Collection(Base):
    """`cover_image_id` names one of its images, or nothing: then the first one is its cover."""

    __tablename__ = "collections"
    __table_args__ = (
        Index("ix_collections_user_newest", "organization_id", "user_id", text("id DESC")),
        Index(
            "ix_collections_shared_newest",
            "organization_id",
            text("id DESC"),
            postgresql_where=text("visibility = 'organization'"),
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))
    cover_image_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CollectionImage(Base):
    """`place` grows from 1; no two images of a collection have the same (its row is locked while they are given)."""

    __tablename__ = "collection_images"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "collection_id"], ["collections.organization_id", "collections.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["organization_id", "image_id"], ["images.organization_id", "images.id"], ondelete="CASCADE"
        ),
        Index("ix_collection_images_place", "organization_id", "collection_id", "place"),
        Index("ix_collection_images_image", "organization_id", "image_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    collection_id: Mapped[UUID] = mapped_column(primary_key=True)
    image_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
