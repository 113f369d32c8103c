"""Deleting one's own account."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import STORABLE, Input, Output, Timestamp
from app.schemas.proofs import ProofWanted


class NamedOrganization(Output):
    id: UUID
    name: str


class DeletionPreview(ProofWanted):
    """What deleting the account takes, and what it would do."""

    grace_hours: float = Field(description="So long it can be taken back.")
    owned_alone: list[NamedOrganization] = Field(
        description="In the way: nobody else owns these, and others belong to them. Hand them on, or delete them."
    )
    deleted_too: list[NamedOrganization] = Field(description="Nobody else belongs to these: they go with the account.")


class AccountDeletionOut(Output):
    deletion_due_at: Timestamp = Field(description="Until then it can be taken back, by the link in the mail.")


class RestoreAccount(Input):
    token: Annotated[str, Field(min_length=20, max_length=100, description="From the link."), STORABLE]
