"""The shape that all schemas share: input refuses unknown fields, output is built from attributes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(_utc, return_type=str, when_used="json")]


def _no_nul(value: str | None) -> str | None:
    if value is None:
        return None
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode (it holds a lone surrogate)") from None
    return value


STORABLE = AfterValidator(_no_nul)
"""Text that PostgreSQL can keep: valid Unicode without NUL. Goes last, so that bounds speak of characters."""


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, allow_inf_nan=False)


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True, extra="forbid")


class Page(Output):
    next_cursor: str | None = Field(default=None, description="Pass as `cursor` to get the next page; null at the end.")
