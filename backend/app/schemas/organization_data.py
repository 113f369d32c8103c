"""What an organisation's archive holds. A colleague's private things are in it as figures: what was made, when, by whom
and at what cost, without its words and parameters."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.core.enums import JobStatus, Role, RuleAction, RuleKind, Visibility
from app.schemas.base import Output, Timestamp
from app.schemas.personal_data import (
    PersonalCollection,
    PersonalDecision,
    PersonalImage,
    PersonalJob,
    PersonalKey,
    PersonalShareLink,
)
from app.schemas.usage import MonthlyLimit, OpenJobsLimit


class ExportedMonth(Output):
    """Megapixel-steps. `user_id` null: of all together."""

    month: date
    user_id: UUID | None
    charged: float
    reserved: float


class ExportedOrganization(Output):
    exported_at: Timestamp
    exported_by: UUID
    id: UUID
    name: str
    created_at: Timestamp
    deletion_due_at: Timestamp | None
    quota_monthly: MonthlyLimit
    max_open_jobs: OpenJobsLimit
    member_quota_monthly: MonthlyLimit
    member_max_open_jobs: OpenJobsLimit
    usage: list[ExportedMonth]


class ExportedMember(Output):
    user_id: UUID
    name: str
    email: str | None
    role: Role
    joined_at: Timestamp
    second_factor: bool
    quota_monthly: MonthlyLimit
    max_open_jobs: OpenJobsLimit


class ExportedInvitation(Output):
    id: UUID
    email: str
    role: Role
    invited_by: UUID | None
    created_at: Timestamp
    expires_at: Timestamp
    accepted_at: Timestamp | None
    accepted_by: UUID | None
    revoked_at: Timestamp | None


class ExportedRule(Output):
    id: UUID
    kind: RuleKind
    pattern: str
    action: RuleAction
    note: str
    created_at: Timestamp


class ExportedKey(PersonalKey):
    user_id: UUID


class ExportedShareLink(PersonalShareLink):
    user_id: UUID


class ExportedDecision(PersonalDecision):
    user_id: UUID


class ExportedCollection(PersonalCollection):
    user_id: UUID


class ExportedJob(PersonalJob):
    user_id: UUID


class WithheldJob(Output):
    id: UUID
    user_id: UUID
    status: JobStatus
    visibility: Visibility
    num_images: int
    cost: int
    error_code: str | None
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class ExportedImage(PersonalImage):
    user_id: UUID


class WithheldImage(Output):
    id: UUID
    user_id: UUID
    job_id: UUID
    visibility: Visibility
    size_bytes: int
    created_at: Timestamp
