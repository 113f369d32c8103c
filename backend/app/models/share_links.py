"""Links by which anybody may look at an image or a collection, until they end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ShareLink(Base):
    """To one image or one collection. Kept as SHA-256; the link itself is told once."""

    __tablename__ = "share_links"
    __table_args__ = (
        CheckConstraint("(image_id IS NULL) <> (collection_id IS NULL)", name="one_target"),
        ForeignKeyConstraint(
            ["organization_id", "image_id"], ["images.organization_id", "images.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["organization_id", "collection_id"], ["collections.organization_id", "collections.id"], ondelete="CASCADE"
        ),
        Index("ix_share_links_hash", "token_hash"),
        Index("ix_share_links_user", "organization_id", "user_id", text("id DESC")),
        Index("ix_share_links_image", "organization_id", "image_id", postgresql_where=text("image_id IS NOT NULL")),
        Index(
            "ix_share_links_collection",
            "organization_id",
            "collection_id",
            postgresql_where=text("collection_id IS NOT NULL"),
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    image_id: Mapped[UUID | None]
    collection_id: Mapped[UUID | None]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    views: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_viewed_at: Mapped[datetime | None]
