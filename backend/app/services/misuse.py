"""How much of one caller may be refused before nothing more of it is read.

A bound on a body or on a minute says no when most of the work is done: the body is read, or it is known who asks.
Whoever sends such things without pause would take the process's time from everybody else.

A caller is a credential at an address. Many people share an address, so a credential that was found good is counted by
itself, and what a stranger beside it does is not held against it. All of this is one process's memory, and bounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key")

REMEMBERED = 20_000
WINDOW_SECONDS = 60
HELD_OF_AN_ADDRESS = 250
"""So many refusals of one address may be held at once; the next are given at once."""


class Caller(NamedTuple):
    """`credential` is a hash: what opens doors is not kept."""

    place: str
    credential: bytes | None

    @classmethod
    def of(cls, place: str, credential: str | None) -> Caller:
        return cls(place, None if credential is None else blake2b(credential.encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True)
class Allowance:
    """Points of refusals that come back within a minute, and requests that may wait for an answer at once."""

    a_minute: int
    waiting: int


class MisuseLimits:
    def __init__(
        self, *, a_caller: Allowance, an_address: Allowance, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._callers = _Counts[Caller](a_caller, clock)
        self._places = _Counts[str](an_address, clock)
        self._good: LRUCache[Caller, bool] = LRUCache(REMEMBERED)
        self._held: dict[str, int] = {}

    def pause_for(self, caller: Caller) -> float:
        """Seconds until this caller is listened to again; 0: now."""
        pause = self._callers.pause(caller)
        return pause if caller in self._good else max(pause, self._places.pause(caller.place))

    def count_refusal(self, caller: Caller, points: int) -> None:
        self._callers.spend(caller, points)
        if caller not in self._good:
            self._places.spend(caller.place, points)

    def remember_good(self, caller: Caller) -> None:
        if caller.credential is not None and caller not in self._good:
            self._good[caller] = True

    def start_waiting(self, caller: Caller) -> Callable[[], None]:
        """Returns what ends it, which may be called again in vain."""
        stranger = caller not in self._good
        _add(self._callers.waiting, caller)
        if stranger:
            _add(self._places.waiting, caller.place)
        open_still = True

        def end() -> None:
            nonlocal open_still
            if open_still:
                open_still = False
                _lessen(self._callers.waiting, caller)
                if stranger:
                    _lessen(self._places.waiting, caller.place)

        return end

    def counts(self) -> int:
        """How many are kept in memory."""
        return sum(len(each.buckets) + len(each.waiting) for each in (self._callers, self._places)) + len(self._held)

    @contextmanager
    def hold(self, caller: Caller) -> Iterator[bool]:
        """Whether a refusal may be held back: who asks without pause then waits, and costs nothing meanwhile."""
        if self._held.get(caller.place, 0) >= HELD_OF_AN_ADDRESS:
            yield False
            return
        _add(self._held, caller.place)
        try:
            yield True
        finally:
            _lessen(self._held, caller.place)


class _Counts(Generic[Key]):
    """One token bucket a key, which may go into debt, and the requests that wait. A key unheard of has a full one."""

    def __init__(self, allowance: Allowance, clock: Callable[[], float]) -> None:
        self._allowance = allowance
        self._clock = clock
        self.buckets: LRUCache[Key, tuple[float, float]] = LRUCache(REMEMBERED)
        self.waiting: dict[Key, int] = {}

    def pause(self, key: Key) -> float:
        if self.waiting.get(key, 0) >= self._allowance.waiting:
            return 1.0
        return max(0.0, 1 - self._left(key)) * WINDOW_SECONDS / self._allowance.a_minute

    def spend(self, key: Key, points: int) -> None:
        self.buckets[key] = (self._left(key) - points, self._clock())

    def _left(self, key: Key) -> float:
        full = self._allowance.a_minute
        tokens, at = self.buckets.get(key, (float(full), 0.0))
        return min(full, tokens + (self._clock() - at) * full / WINDOW_SECONDS)


def _add(counts: dict[Key, int], key: Key) -> None:
    counts[key] = counts.get(key, 0) + 1


def _lessen(counts: dict[Key, int], key: Key) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
