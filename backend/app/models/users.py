"""People and their sessions. Not tenant tables: one person may belong to several organisations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import Language
from app.db.base import Base
from app.models.columns import word_of


class User(Base):
    """`email` is kept in lower case. It is null for the operator whom nobody has claimed yet (see `claimed_at`) and for
    an account that was deleted, and for nobody else.

    The command line may make pictures before anyone has registered; the row that it then works as becomes the account
    of the first person who registers, so that the pictures are theirs.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email", "email", unique=True, postgresql_where=text("email IS NOT NULL")),
        Index("ix_users_deletion", "deletion_due_at", postgresql_where=text("deletion_due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    deletion_due_at: Mapped[datetime | None] = mapped_column(
        comment="Until then the person may take it back; after it everything of theirs is deleted."
    )
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="The row stays for the ledger and the audit log, and says nothing about the person."
    )
    email_verified_at: Mapped[datetime | None]
    language: Mapped[Language | None] = mapped_column(
        word_of(Language), comment="Of letters to them; null: as their browser says."
    )

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None


class Session(Base):
    """One sign-in on one device; the family that its refresh tokens belong to."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "user_id"),
        Index(
            "ix_sessions_identity",
            "identity_issuer",
            "identity_subject",
            postgresql_where=text("identity_issuer IS NOT NULL"),
        ),
    )

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
    identity_issuer: Mapped[str | None] = mapped_column(comment="Of single sign-on, with the two beside it.")
    identity_subject: Mapped[str | None]
    identity_sid: Mapped[str | None]


class RefreshToken(Base):
    """Opaque, kept as SHA-256, good for one use. A second use ends the session, unless it follows at once from the same
    browser: two tabs that race."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
