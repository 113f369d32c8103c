"""People and their sessions. Not tenant tables: one person may belong to several organisations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class User(Base):
    """`email` is kept in lower case. It is null only for the operator whom nobody has claimed yet (see `claimed_at`).

    The command line may make pictures before anyone has registered; the row that it then works as becomes the account
    of the first person who registers, so that the pictures are theirs.
    """

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email", "email", unique=True, postgresql_where=text("email IS NOT NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class Session(Base):
    """One sign-in on one device; the family that its refresh tokens belong to."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]
    user_agent: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(comment="Where it was last refreshed from.")


class RefreshToken(Base):
    """Opaque, kept as SHA-256, good for one use. A second use ends the session, unless it follows at once from the same
    browser: two tabs that race."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
