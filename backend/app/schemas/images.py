"""Images in the gallery."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.enums import Visibility
from app.schemas.base import STORABLE, Input, Output, Page, Timestamp

MAX_TAGS = 50
MAX_AT_ONCE = 1000

Tag = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\S(.*\S)?$"), STORABLE]


class Thumbnail(Output):
    url: str
    width: int


class ImageOut(Output):
    id: UUID
    job_id: UUID
    url: str
    thumbnail_url: str
    thumbnails: list[Thumbnail] = Field(description="WebP, from the smallest to the largest, for a `srcset`.")
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


class ImageParameters(Output):
    """What made a picture, as far as its file says and this studio can do it; null: unknown, or not possible here."""

    prompt: str
    negative_prompt: str | None
    model: str | None = Field(description="One of this studio's models.")
    width: int | None
    height: int | None
    steps: int | None
    guidance: float | None
    seed: int | None


class ImagePatch(Input):
    """Only what is given changes."""

    favorite: bool | None = None
    visibility: Visibility | None = None
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS)] | None = None


class ImageBulk(Input):
    """What to do with many images of yours at once; only what is given changes."""

    image_ids: list[UUID] = Field(min_length=1, max_length=MAX_AT_ONCE)
    favorite: bool | None = None
    visibility: Visibility | None = None
    add_tags: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)
    remove_tags: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)
    deleted: bool | None = Field(default=None, description="true deletes; false undoes that, for some days.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        asked = (self.favorite, self.visibility, self.deleted)
        if all(each is None for each in asked) and not self.add_tags and not self.remove_tags:
            raise ValueError("Say what to change: favorite, visibility, add_tags, remove_tags or deleted.")
        return self


class ImageBulkResult(Output):
    changed: list[UUID]
    missing: list[UUID] = Field(description="Those that are not there, or not yours.")


class TagCount(Output):
    tag: str
    count: int


class TagList(Output):
    items: list[TagCount]
