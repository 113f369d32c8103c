"""Images in the gallery."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.enums import Visibility
from app.schemas.base import STORABLE, Input, Output, Page, Timestamp

Tag = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\S(.*\S)?$"), STORABLE]


class ImageOut(Output):
    id: UUID
    job_id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int
    size_bytes: int
    seed: int
    placeholder: str = Field(description="ThumbHash, base64.")
    prompt: str
    negative_prompt: str | None
    model: str
    steps: int
    guidance: float
    favorite: bool
    tags: list[str]
    visibility: Visibility
    mine: bool = Field(description="Whether the caller made it, and so may change it.")
    created_at: Timestamp


class ImagePage(Page):
    items: list[ImageOut]


class ImagePatch(Input):
    """Only what is given changes."""

    favorite: bool | None = None
    visibility: Visibility | None = None
    tags: Annotated[list[Tag], Field(max_length=50)] | None = None
