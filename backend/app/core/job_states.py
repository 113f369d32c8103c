"""The state machine of a job, whole::

    QUEUED ──claim──► RUNNING ──► COMPLETED | FAILED | CANCELED
       │  ◄─hand back─┘  (lease lost, drained, an error that may pass)
       └──► CANCELED (its owner) | FAILED (its deadline)

Whoever changes a status compares and sets: the status it saw and, of a RUNNING job, the lease token that it holds.
A terminal status is never left.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.enums import JobStatus

TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELED, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset({JobStatus.QUEUED, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELED: frozenset(),
}


class IllegalTransition(AssertionError):
    """A fault of ours, not of a caller's."""


def require_transition(before: JobStatus, after: JobStatus) -> None:
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"a job never goes from {before.value} to {after.value}")
