"""A clock that a test turns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """`now` in seconds."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now
