"""The audit log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from app.schemas.base import Output, Page, Timestamp


class AuditEventOut(Output):
    id: UUID
    at: Timestamp
    action: str = Field(description="A word of AuditAction.")
    actor_id: UUID | None
    actor_name: str | None
    actor_key_id: UUID | None = Field(description="The API key that it was done with.")
    target: str | None = Field(description="`kind:id`.")
    address: str | None
    user_agent: str | None
    trace_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(Page):
    items: list[AuditEventOut]
