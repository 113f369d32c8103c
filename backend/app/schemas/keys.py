"""API keys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.enums import Scope
from app.schemas.base import STORABLE, Input, Output, Timestamp


class NewApiKey(Input):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), STORABLE]
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), description="A part of your own.")
    expires_in_days: int | None = Field(default=90, ge=1, le=3650, description="null: never.")


class ApiKeyOut(Output):
    id: UUID
    name: str
    prefix: str = Field(description="The beginning of the key, to recognise it by.")
    scopes: list[Scope]
    user_id: UUID
    user_name: str
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="To the minute.")


class ApiKeyCreated(ApiKeyOut):
    key: str = Field(description="The key itself, told this once.")


class ApiKeyList(Output):
    items: list[ApiKeyOut]
