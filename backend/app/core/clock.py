"""The process's own clock. Leases never use it: their time is the database's."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
