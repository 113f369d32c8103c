"""The errors that Easel's own code raises. None of them knows HTTP: `api/problems.py` maps each class to an answer.

A reader can draw the tree::

    EaselError
    ├── Unauthenticated            who are you?
    │   └── SecondFactorRequired   the password was right; carries the token of the next step
    ├── Forbidden                  you may not
    │   └── AccountClosing         the account is going to be deleted; carries the token that keeps it
    ├── NotFound                   no such thing, or not yours
    ├── Conflict                   the state of things does not allow it
    ├── InvalidInput               a value is wrong; carries one entry per field
    ├── QuotaExceeded              carries the figures
    ├── RateLimited                carries when to come back
    ├── Unavailable                a part that Easel needs is away; carries when to come back
    ├── UpstreamFailed             another service answered wrongly
    │   └── UpstreamAway           or not at all
    ├── AddressRefused             a URL that leads where Easel sends nothing
    ├── StorageFull                the disk or bucket takes no more
    ├── ModelUnavailable           the model can't be loaded: missing, broken or not enough memory
    ├── DeadlinePassed             the job took, or waited, longer than it may
    ├── GenerationFailed           the job ended without pictures; carries the job's own code
    └── GenerationCanceled         the person asked to stop; the engine obeyed
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value of the input.

    `pointer` is an RFC 6901 JSON pointer into the request body, e.g. ``/prompt``.
    """

    pointer: str
    code: str
    detail: str


class EaselError(Exception):
    """Base of all. `code` is stable and machine-readable, `detail` is a sentence for a person that says what to do."""

    code = "internal_error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Unauthenticated(EaselError):
    code = "unauthenticated"


class SecondFactorRequired(Unauthenticated):
    code = "second_factor_required"

    def __init__(self, token: str, expires_in: int) -> None:
        super().__init__(
            "Now send the code of your authenticator, or a recovery code, to /api/v1/auth/login/second-factor."
        )
        self.token = token
        self.expires_in = expires_in


class Forbidden(EaselError):
    code = "forbidden"


class AccountClosing(Forbidden):
    """Signing in was right in everything else: whoever did may keep the account."""

    code = "account_closing"

    def __init__(self, token: str, due_at: datetime) -> None:
        super().__init__("Your account is going to be deleted. Take that back to sign in.")
        self.token = token
        self.due_at = due_at


class NotFound(EaselError):
    code = "not_found"


class Conflict(EaselError):
    code = "conflict"


@dataclass(frozen=True, slots=True)
class QuotaFigures:
    """Costs in megapixel-steps. `of` says whose limit it is: the organisation's or the user's own."""

    of: str
    limit: float
    used: float
    requested: float
    resets_at: str


class InvalidInput(EaselError):
    code = "invalid_input"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = (), *, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.errors = errors

    @classmethod
    def for_field(cls, pointer: str, code: str, detail: str) -> InvalidInput:
        return cls(detail, (FieldError(pointer, code, detail),))


class QuotaExceeded(EaselError):
    code = "quota_exceeded"

    def __init__(self, detail: str, figures: QuotaFigures) -> None:
        super().__init__(detail)
        self.figures = figures


class RateLimited(EaselError):
    code = "rate_limited"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(EaselError):
    code = "unavailable"

    def __init__(self, detail: str, retry_after: int = 5, *, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


class UpstreamFailed(EaselError):
    code = "upstream_failed"


class UpstreamAway(UpstreamFailed):
    """Nobody answered, or not in time: trying again later may help."""

    code = "upstream_away"


class AddressRefused(EaselError):
    code = "address_refused"


class StorageFull(EaselError):
    code = "storage_full"


class ModelUnavailable(EaselError):
    code = "model_unavailable"


class DeadlinePassed(EaselError):
    code = "deadline_exceeded"

    def __init__(self) -> None:
        super().__init__("The job was not done by its deadline. Nothing was charged. Ask again, or allow it more time.")


class GenerationFailed(EaselError):
    code = "generation_failed"


class GenerationCanceled(EaselError):
    code = "canceled"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One environment variable that is missing or wrong, and what to do about it."""

    name: str
    detail: str


@dataclass(slots=True)
class InvalidSettings(Exception):
    """Raised at start, before anything runs: every wrong setting at once."""

    problems: list[SettingProblem] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(f"{problem.name}: {problem.detail}" for problem in self.problems)
