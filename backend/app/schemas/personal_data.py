"""What is handed out to people about themselves. What is not named here stays inside: hashes, keys of files, leases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from app.core.enums import JobStatus, Language, ModerationStage, Role, Verdict, Visibility
from app.schemas.base import Output, Timestamp


class PersonalSession(Output):
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    revoked_at: Timestamp | None
    revoked_because: str | None
    address: str | None
    user_agent: str | None
    identity_issuer: str | None


class PersonalIdentity(Output):
    issuer: str
    subject: str
    email: str | None
    created_at: Timestamp
    last_used_at: Timestamp


class PersonalAccount(Output):
    exported_at: Timestamp
    id: UUID
    email: str | None
    email_verified_at: Timestamp | None
    name: str
    language: Language | None
    created_at: Timestamp
    has_password: bool
    second_factor_since: Timestamp | None
    sign_in_services: list[PersonalIdentity]
    sessions: list[PersonalSession]


class PersonalMonth(Output):
    month: date
    charged: float
    reserved: float


class PersonalOrganization(Output):
    id: UUID
    name: str
    role: Role
    joined_at: Timestamp
    megapixel_steps_by_month: list[PersonalMonth]


class PersonalKey(Output):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


class PersonalShareLink(Output):
    id: UUID
    image_id: UUID | None
    collection_id: UUID | None
    created_at: Timestamp
    expires_at: Timestamp
    revoked_at: Timestamp | None
    views: int
    last_viewed_at: Timestamp | None


class PersonalDecision(Output):
    id: UUID
    at: Timestamp
    stage: ModerationStage
    verdict: Verdict
    job_id: UUID | None
    prompt: str
    reason: str


class PersonalCollection(Output):
    id: UUID
    name: str
    visibility: Visibility
    created_at: Timestamp
    updated_at: Timestamp
    image_ids: list[UUID] = Field(default_factory=list)

    @classmethod
    def holding(cls, collection: object, image_ids: Sequence[UUID]) -> Self:
        return cls.model_validate(collection).model_copy(update={"image_ids": list(image_ids)})


class PersonalJob(Output):
    id: UUID
    status: JobStatus
    visibility: Visibility
    prompt: str
    negative_prompt: str | None
    model: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int
    num_images: int
    cost: int = Field(description="Pixel-steps.")
    error_code: str | None
    error_detail: str | None
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class PersonalImage(Output):
    id: UUID
    job_id: UUID
    position: int
    visibility: Visibility
    file: str = Field(default="", description="Beside this page.")
    sha256: str
    size_bytes: int
    width: int
    height: int
    seed: int
    prompt: str
    negative_prompt: str | None
    model: str
    steps: int
    guidance: float
    favorite: bool
    tags: list[str]
    created_at: Timestamp

    @classmethod
    def in_file(cls, image: object, file: str) -> Self:
        return cls.model_validate(image).model_copy(update={"file": file})


class PersonalEvent(Output):
    id: UUID
    at: Timestamp
    action: str
    by_you: bool = False
    target: str | None
    address: str | None
    user_agent: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @classmethod
    def about(cls, user_id: UUID, event: Any) -> Self:
        """Where somebody else did it from is theirs to know."""
        mine = event.actor_id == user_id
        seen = cls.model_validate(event)
        return seen.model_copy(update={"by_you": True} if mine else {"address": None, "user_agent": None})
