"""Problem details as RFC 9457 writes them, with Easel's stable `code`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ProblemError(BaseModel):
    pointer: str = Field(description="RFC 6901 pointer to the wrong value, e.g. `/prompt`.")
    code: str
    detail: str


class Problem(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable and machine-readable.")
    trace_id: str = Field(description="Finds the log lines of this request.")
    errors: list[ProblemError] = Field(default_factory=list)


ProblemExtensions = dict[str, Any]
