"""Mails that wait to be sent. Not a tenant table: a mail may belong to no organisation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Mail(Base):
    """Written by whoever has something to tell, in the same transaction; sent later by the upkeep.

    `due_at` is when to try next; null when there is nothing more to do. While somebody tries, it lies a few minutes
    ahead, so that a process that dies in mid-sending is made up for. The content may hold links that open an account:
    it is sealed, and gone as soon as the mail is sent or given up.

    `recipient` is null for a mail that is thrown away: asking about an unknown address must cost the same as about a
    known one.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="Which letter it is, for whoever looks why none came.")
    recipient: Mapped[str | None]
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    useful_until: Mapped[datetime] = mapped_column(comment="Later it is not worth sending: its link has expired.")
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(comment="A word: why the last attempt failed.")
