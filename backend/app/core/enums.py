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


class ImageSort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    ARRANGED = "arranged"


class ExportStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class ExportKind(StrEnum):
    """What an archive holds: chosen images, all that is kept about a person, or an organisation as a whole."""

    IMAGES = "images"
    ACCOUNT = "account"
    ORGANIZATION = "organization"


class LedgerEntryKind(StrEnum):
    RESERVE = "reserve"
    SETTLE = "settle"
    REFUND = "refund"


class QuotaOwner(StrEnum):
    ORGANIZATION = "organization"
    USER = "user"


class EventType(StrEnum):
    JOB_QUEUED = "job.queued"
    JOB_STARTED = "job.started"
    JOB_PROGRESS = "job.progress"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELED = "job.canceled"
    EXPORT_PROGRESS = "export.progress"
    EXPORT_COMPLETED = "export.completed"
    EXPORT_FAILED = "export.failed"


class RuleKind(StrEnum):
    """How a moderation rule reads its pattern."""

    WORDS = "words"
    REGEX = "regex"


class RuleAction(StrEnum):
    BLOCK = "block"
    FLAG = "flag"


class Verdict(StrEnum):
    """What moderation said of a prompt or of pictures. Nothing is written down of what is allowed."""

    ALLOWED = "allowed"
    FLAGGED = "flagged"
    BLOCKED = "blocked"


class ModerationStage(StrEnum):
    PROMPT = "prompt"
    OUTPUT = "output"


class WhenAway(StrEnum):
    """What becomes of pictures when the endpoint that has to look at them does not answer."""

    ALLOW = "allow"
    BLOCK = "block"


class Registration(StrEnum):
    OPEN = "open"
    INVITE = "invite"


class Environment(StrEnum):
    LOCAL = "local"
    PRODUCTION = "production"


class Language(StrEnum):
    """The languages that Easel writes, as RFC 5646 names them. The first is for whoever wants none of them."""

    ENGLISH = "en"
    GERMAN = "de"


class TokenPurpose(StrEnum):
    """What a single-use token of an account is for."""

    RESET_PASSWORD = "reset_password"  # noqa: S105 (a word, not a secret)
    VERIFY_EMAIL = "verify_email"
    SECOND_FACTOR = "second_factor"
    RESTORE_ACCOUNT = "restore_account"
    LOGOUT_TOKEN = "logout_token"  # noqa: S105 (a word, not a secret)


class AuditAction(StrEnum):
    """The words of the audit log: what was done, `thing.verb`."""

    ACCOUNT_REGISTERED = "account.registered"
    ACCOUNT_DELETION_ASKED = "account.deletion_asked"
    ACCOUNT_DELETION_TAKEN_BACK = "account.deletion_taken_back"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_EXPORT_ASKED = "account.export_asked"
    ORGANIZATION_EXPORT_ASKED = "organization.export_asked"
    SESSION_STARTED = "session.started"
    SESSION_REFUSED = "session.refused"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "sessions.ended"
    REFRESH_TOKEN_REUSED = "session.refresh_token_reused"  # noqa: S105 (a word, not a secret)
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105 (a word, not a secret)
    PASSWORD_RESET = "password.reset"  # noqa: S105 (a word, not a secret)
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 (a word, not a secret)
    EMAIL_VERIFIED = "email.verified"
    SECOND_FACTOR_ON = "second_factor.on"
    SECOND_FACTOR_OFF = "second_factor.off"
    SECOND_FACTOR_RESET = "second_factor.reset"
    SECOND_FACTOR_TAKEN = "second_factor.taken"
    SECOND_FACTOR_REFUSED = "second_factor.refused"
    RECOVERY_CODES_RENEWED = "second_factor.recovery_codes_renewed"
    IDENTITY_LINKED = "identity.linked"
    ROLE_BY_GROUPS = "role.by_groups"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_RENAMED = "organization.renamed"
    ORGANIZATION_DELETION_ASKED = "organization.deletion_asked"
    ORGANIZATION_DELETION_TAKEN_BACK = "organization.deletion_taken_back"
    ORGANIZATION_DELETED = "organization.deleted"
    OWNERSHIP_TRANSFERRED = "organization.transferred"
    QUOTA_CHANGED = "quota.changed"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    INVITATION_CREATED = "invitation.created"
    INVITATION_SENT_AGAIN = "invitation.sent_again"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    SHARE_CREATED = "share.created"
    SHARE_REVOKED = "share.revoked"
    MODERATION_RULE_CREATED = "moderation_rule.created"
    MODERATION_RULE_CHANGED = "moderation_rule.changed"
    MODERATION_RULE_DELETED = "moderation_rule.deleted"
    OUTPUT_CHECK_CHANGED = "output_check.changed"
    PROMPT_BLOCKED = "prompt.blocked"
    PROMPT_FLAGGED = "prompt.flagged"
    OUTPUT_BLOCKED = "output.blocked"
    OUTPUT_FLAGGED = "output.flagged"
