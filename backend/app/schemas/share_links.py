"""Links by which anybody may look."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.schemas.base import Input, Output, Page, Timestamp

WEEK_HOURS = 7 * 24
YEAR_HOURS = 365 * 24


class NewShareLink(Input):
    """To an image of yours, or to a collection of yours: then to your own images in it."""

    image_id: UUID | None = None
    collection_id: UUID | None = None
    expires_in_hours: int = Field(default=WEEK_HOURS, ge=1, le=YEAR_HOURS)

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.image_id is None) == (self.collection_id is None):
            raise ValueError("Say either image_id or collection_id.")
        return self


class ShareLinkOut(Output):
    id: UUID
    image_id: UUID | None
    collection_id: UUID | None
    user_id: UUID
    user_name: str
    created_at: Timestamp
    expires_at: Timestamp
    views: int
    last_viewed_at: Timestamp | None


class ShareLinkCreated(ShareLinkOut):
    token: str = Field(description="Told this once.")
    url: str = Field(description="The page that shows it to anybody.")


class ShareLinkPage(Page):
    items: list[ShareLinkOut]


class SharedImage(Output):
    """As little as a page needs to show it."""

    ref: str
    width: int
    height: int
    placeholder: str
    thumbnail_url: str
    url: str


class SharedPage(Page):
    title: str | None = Field(description="The collection's name.")
    expires_at: Timestamp
    items: list[SharedImage]
