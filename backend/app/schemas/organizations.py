"""Organisations and their members."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.enums import Role
from app.schemas.base import STORABLE, Input, Output, Timestamp
from app.schemas.proofs import ProofInput

OrganizationName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), STORABLE]


class NewOrganization(Input):
    name: OrganizationName


class OrganizationPatch(Input):
    name: OrganizationName


class OrganizationOut(Output):
    id: UUID
    name: str
    role: Role = Field(description="The caller's own.")
    members: int
    created_at: Timestamp
    deletion_due_at: Timestamp | None = Field(
        default=None, description="Set when an owner has asked to delete it: until then they may take it back."
    )


class MemberOut(Output):
    id: UUID = Field(description="The person's id.")
    name: str
    email: str | None = Field(description="For owners and admins; null for others.")
    role: Role
    joined_at: Timestamp
    me: bool
    second_factor: bool | None = Field(
        default=None, description="Whether signing in takes one. For owners and admins; null for others."
    )


class MemberList(Output):
    items: list[MemberOut]


class RoleChange(Input):
    role: Role


class OwnershipTransfer(ProofInput):
    member_id: UUID = Field(description="Becomes owner; the caller becomes an admin.")


class OrganizationDeletion(ProofInput):
    name: str = Field(max_length=100, description="Its name, typed by a person.")
