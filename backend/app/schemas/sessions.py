"""Where a person is signed in."""

from __future__ import annotations

from uuid import UUID

from app.schemas.base import Output, Timestamp


class SessionOut(Output):
    id: UUID
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    address: str | None
    user_agent: str | None
    current: bool


class SessionList(Output):
    items: list[SessionOut]
