"""What happened that matters for security: written once, changed never."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class AuditEvent(Base):
    """No foreign keys: an event outlives whatever it speaks of.

    `organization_id` is all zeros for what belongs to no organisation, such as guessing at an unknown address.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_newest", "organization_id", text("id DESC")),
        Index(
            "ix_audit_events_actor",
            "organization_id",
            "actor_id",
            "id",
            postgresql_where=text("actor_id IS NOT NULL"),
        ),
        Index("ix_audit_events_target", "organization_id", "target", "id", postgresql_where=text("target IS NOT NULL")),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    action: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_key_id: Mapped[UUID | None]
    target: Mapped[str | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    trace_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
