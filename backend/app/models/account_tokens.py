"""Short-lived secrets that stand for a person: links in mails, and the step between password and second factor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import TokenPurpose
from app.db.base import Base
from app.models.columns import word_of


class AccountToken(Base):
    """Kept as SHA-256, good for one use and a short time.

    `user_id` is null for what was asked about an unknown address: nobody has that token, but asking cost the same.
    `email` is the address that the token was sent to: it proves nothing about another one.
    """

    __tablename__ = "account_tokens"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[TokenPurpose] = mapped_column(word_of(TokenPurpose))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
