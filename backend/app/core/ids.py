"""Identifiers: UUIDv7, so that they sort by the time they were made and keep B-tree inserts local."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()
