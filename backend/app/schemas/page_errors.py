"""What a page in a browser says about a fault of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import STORABLE, Input, Output

MAX_STACK_CHARS = 4_000


class PageErrorReport(Input):
    message: Annotated[str, Field(min_length=1, max_length=500), STORABLE]
    path: Annotated[str, Field(max_length=300, pattern=r"^/[^?#]*$"), STORABLE] = Field(
        description="The page's path, without its query: that may hold a prompt."
    )
    digest: Annotated[str | None, Field(max_length=100, pattern=r"^[\w@:.-]+$")] = Field(
        default=None, description="The id under which the pages' server logged the same fault."
    )
    stack: Annotated[str | None, Field(max_length=MAX_STACK_CHARS), STORABLE] = None


class PageErrorReceipt(Output):
    trace_id: str = Field(description="Finds the report in the log.")
