"""Invitations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import EmailStr, Field

from app.core.enums import Role
from app.schemas.base import STORABLE, Input, Output, Timestamp

InvitationToken = Annotated[str, Field(min_length=20, max_length=100, description="From the link."), STORABLE]


class NewInvitation(Input):
    email: EmailStr = Field(max_length=254)
    role: Role = Field(default=Role.MEMBER, description="Not above what the inviter may give.")
    expires_in_days: int = Field(default=7, ge=1, le=30)


class InvitationOut(Output):
    id: UUID
    email: str
    role: Role
    invited_by_name: str | None
    created_at: Timestamp
    expires_at: Timestamp
    expired: bool


class InvitationCreated(InvitationOut):
    token: str = Field(description="Told this once.")
    url: str = Field(description="The page that accepts it, to hand on to the invited person.")


class InvitationList(Output):
    items: list[InvitationOut]


class PresentedInvitation(Input):
    token: InvitationToken


class InvitationPreview(Output):
    """What the invited person sees before deciding."""

    organization_name: str
    invited_by_name: str | None
    email: str
    role: Role
    expires_at: Timestamp
