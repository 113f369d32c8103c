"""What waits, and who works on it."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from app.schemas.base import Output


class OpenWorkOut(Output):
    model: str
    user_id: UUID
    user_name: str
    waiting: int
    running: int
    cost: float = Field(description="Megapixel-steps of both.")
    oldest_seconds: float | None = Field(description="How long the first of those that wait has waited.")


class QueueOut(Output):
    items: list[OpenWorkOut] = Field(description="By person and model, who waits longest first.")


class WorkerOut(Output):
    name: str
    device: str
    state: str = Field(description="`starting`, `loading`, `idle` or `busy`.")
    loaded_models: list[str]


class WorkerList(Output):
    items: list[WorkerOut]
