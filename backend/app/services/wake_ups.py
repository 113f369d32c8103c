"""How the queue tells workers that there is something to do.

A wake-up carries no truth: one that is lost, doubled or late changes nothing, because workers claim from PostgreSQL and
the sweep wakes them again.
"""

from __future__ import annotations

from typing import Protocol


class WakeUps(Protocol):
    def wake(self, model_id: str) -> None:
        """Say that jobs wait for this model. Returns at once and never raises; several in a row may become one."""
        ...

    async def close(self) -> None:
        """Send what is pending, then stop."""
        ...
