"""Problem details as RFC 9457 writes them, with Easel's stable `code`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ProblemError(BaseModel):
    pointer: str = Field(description="RFC 6901 pointer to the wrong value, e.g. `/prompt`.")
    code: str
    detail: str


class SecondFactorStep(BaseModel):
    token: str = Field(description="For `POST /api/v1/auth/login/second-factor`.")
    expires_in: int = Field(description="Seconds.")


class ClosingAccount(BaseModel):
    token: str = Field(description="For `POST /api/v1/auth/restore-account`.")
    due_at: str = Field(description="When the account goes.")


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
    second_factor: SecondFactorStep | None = Field(default=None, description="Where `code` is second_factor_required.")
    account_closing: ClosingAccount | None = Field(default=None, description="Where `code` is account_closing.")


ProblemExtensions = dict[str, Any]
