"""How many event streams a process keeps open: each costs memory for as long as somebody holds it."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from app.core.errors import RateLimited, Unavailable
from app.core.security import Principal

RETRY_SECONDS = 30


class StreamSlots:
    """Counts per process: with n processes a user may have n times as many."""

    def __init__(self, *, per_user: int, in_all: int) -> None:
        self._per_user = per_user
        self._in_all = in_all
        self._taken: Counter[tuple[UUID, UUID]] = Counter()

    def take(self, principal: Principal) -> StreamSlot:
        """Raises `RateLimited` when the user has enough open, `Unavailable` when the process has."""
        owner = (principal.organization_id, principal.user_id)
        if self._taken[owner] >= self._per_user:
            raise RateLimited(
                f"You have {self._per_user} event streams open. Close some: one stream tells of all your jobs.",
                RETRY_SECONDS,
            )
        if self._taken.total() >= self._in_all:
            raise Unavailable("Too many event streams are open. Ask for the job's status meanwhile.", RETRY_SECONDS)
        self._taken[owner] += 1
        return StreamSlot(self._taken, owner)


class StreamSlot:
    """One open stream. `release` counts once, however often it is called."""

    def __init__(self, taken: Counter[tuple[UUID, UUID]], owner: tuple[UUID, UUID]) -> None:
        self._taken = taken
        self._owner = owner
        self._open = True

    def release(self) -> None:
        if self._open:
            self._open = False
            self._taken[self._owner] -= 1
            if not self._taken[self._owner]:
                del self._taken[self._owner]
