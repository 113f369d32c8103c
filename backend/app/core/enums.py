"""Words that the database, the API and the events share."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_STATUSES


TERMINAL_STATUSES = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})


class JobStage(StrEnum):
    """What a running job waits for."""

    LOADING = "loading"
    GENERATING = "generating"


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Scope(StrEnum):
    IMAGES_READ = "images:read"
    IMAGES_WRITE = "images:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    KEYS_MANAGE = "keys:manage"
    ORG_MANAGE = "org:manage"
    ADMIN = "admin"


class Visibility(StrEnum):
    PRIVATE = "private"
    ORGANIZATION = "organization"


class LedgerEntryKind(StrEnum):
    RESERVE = "reserve"
    SETTLE = "settle"
    REFUND = "refund"


class EventType(StrEnum):
    JOB_QUEUED = "job.queued"
    JOB_STARTED = "job.started"
    JOB_PROGRESS = "job.progress"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELED = "job.canceled"


class Registration(StrEnum):
    OPEN = "open"
    INVITE = "invite"


class Environment(StrEnum):
    LOCAL = "local"
    PRODUCTION = "production"


class AuditAction(StrEnum):
    """The words of the audit log: what was done, `thing.verb`."""

    ACCOUNT_REGISTERED = "account.registered"
    SESSION_STARTED = "session.started"
    SESSION_REFUSED = "session.refused"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "sessions.ended"
    REFRESH_TOKEN_REUSED = "session.refresh_token_reused"  # noqa: S105 (a word, not a secret)
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
