"""How many images a forward pass should hold, learned from the passes themselves.

A device that one image leaves half empty makes two in hardly more time than one; a processor that one image fills gains
nothing, and a batch would only let everybody wait for everybody. Which it is depends on model, size and device, so we
measure: twice the images as long as the last doubling paid.
"""

from __future__ import annotations

from collections import defaultdict, deque

Key = tuple[str, int, int]
"""Model id, width and height."""

MOST = 128
WORTH = 0.93
"""A doubling pays when an image takes at most this share of its former time."""
REMEMBERED = 8
TRY_AGAIN = 25
"""A doubling that did not pay is tried again after so many questions: a busy neighbour may have spoilt it."""


class BatchSizes:
    """Written by the engine's thread, read by the event loop; neither iterates over what the other changes."""

    def __init__(self) -> None:
        self._paces: dict[tuple[Key, int], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._limits: dict[Key, int] = {}
        self._refused: dict[Key, int] = defaultdict(int)

    def record(self, key: Key, images: int, seconds: float) -> None:
        """A pass of so many images took so long for each step of each image."""
        self._paces[key, 2 ** (images.bit_length() - 1)].append(seconds)

    def limit(self, key: Key, images: int) -> None:
        """More than so many do not fit into memory."""
        self._limits[key] = images

    def limit_of(self, key: Key) -> int | None:
        return self._limits.get(key)

    def best(self, key: Key) -> int:
        size, most = 1, self._limits.get(key, MOST)
        while (doubled := size * 2) <= most:
            pace, next_pace = self._pace(key, size), self._pace(key, doubled)
            if pace is None:
                break
            if next_pace is None:
                return doubled
            if next_pace > WORTH * pace:
                return doubled if self._is_time_to_try_again(key) else size
            size = doubled
        return size

    def _pace(self, key: Key, size: int) -> float | None:
        """The fastest of late: what slows a pass down is somebody else."""
        paces = self._paces.get((key, size))
        return min(tuple(paces)) if paces else None

    def _is_time_to_try_again(self, key: Key) -> bool:
        self._refused[key] = (self._refused[key] + 1) % TRY_AGAIN
        return self._refused[key] == 0
