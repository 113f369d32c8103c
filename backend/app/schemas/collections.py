"""Collections of images."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.enums import Visibility
from app.schemas.base import STORABLE, Input, Output, Page, Timestamp
from app.schemas.images import MAX_AT_ONCE

CollectionName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$"), STORABLE]


class NewCollection(Input):
    name: CollectionName
    visibility: Visibility = Visibility.PRIVATE
    image_ids: list[UUID] = Field(default_factory=list, max_length=MAX_AT_ONCE, description="What it begins with.")


class CollectionPatch(Input):
    """Only what is given changes."""

    name: CollectionName | None = None
    visibility: Visibility | None = None
    cover_image_id: UUID | None = Field(default=None, description="One of its images.")


class CollectionCover(Output):
    image_id: UUID
    thumbnail_url: str
    width: int
    height: int
    placeholder: str


class CollectionOut(Output):
    id: UUID
    name: str
    visibility: Visibility = Field(
        description="Whether colleagues see the collection; of its images they see those that are shared as well."
    )
    mine: bool
    image_count: int = Field(description="Of those that the caller may see.")
    cover: CollectionCover | None
    created_at: Timestamp
    updated_at: Timestamp


class CollectionPage(Page):
    items: list[CollectionOut]


class CollectionChange(Input):
    add: list[UUID] = Field(default_factory=list, max_length=MAX_AT_ONCE)
    remove: list[UUID] = Field(default_factory=list, max_length=MAX_AT_ONCE)

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.add and not self.remove:
            raise ValueError("Say which images to add or to remove.")
        return self


class CollectionChanged(Output):
    added: list[UUID] = Field(description="Those that were not in it before.")
    removed: list[UUID]
    collection: CollectionOut


class Arrangement(Input):
    image_ids: list[UUID] = Field(
        min_length=1, max_length=MAX_AT_ONCE, description="They stand together, in this order,"
    )
    before: UUID | None = Field(default=None, description="in front of this one; null: at the end.")
