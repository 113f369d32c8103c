"""Liveness and readiness."""

from __future__ import annotations

from typing import Literal

from app.schemas.base import Output


class Health(Output):
    status: Literal["ok"] = "ok"
    version: str


class CheckResult(Output):
    ok: bool
    detail: str


class Readiness(Output):
    status: Literal["ready", "not_ready"]
    checks: dict[str, CheckResult]
