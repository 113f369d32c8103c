"""Zip archives of images."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.enums import ExportKind, ExportStatus
from app.schemas.base import Input, Output, Timestamp

MAX_IMAGES = 5000


class NewExport(Input):
    """Of images that you may see, or of a collection."""

    image_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MAX_IMAGES)
    collection_id: UUID | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.image_ids is None) == (self.collection_id is None):
            raise ValueError("Say either image_ids or collection_id.")
        return self


class ExportError(Output):
    code: str
    detail: str


class ExportOut(Output):
    id: UUID
    kind: ExportKind
    status: ExportStatus
    image_count: int
    done: int
    skipped: int = Field(description="Images that were gone by the time that they were to be packed.")
    progress: float = Field(description="From 0 to 1.")
    size_bytes: int
    url: str | None = Field(description="Reads the archive until `expires_at`; it needs no sign-in.")
    error: ExportError | None
    created_at: Timestamp
    finished_at: Timestamp | None
    expires_at: Timestamp | None


class ExportList(Output):
    items: list[ExportOut]
