"""Identifiers: UUIDv7, so that they sort by the time they were made and keep B-tree inserts local."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that could be made then (RFC 9562: the first 48 bits are milliseconds)."""
    milliseconds = max(0, min(int(moment.timestamp() * 1000), 2**48 - 1))
    return UUID(int=milliseconds << 80)
