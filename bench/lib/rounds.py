"""Comparisons on a machine that others use too: interleaved rounds, medians, and ratios within a round.

What one round does to one contender (a neighbour's build, a warm cache, a slower clock) it does to the next as well,
so a ratio is taken within each round, and the median of those ratios is the finding. Seconds are only for orientation.
"""

from __future__ import annotations

import inspect
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

Measure = Callable[[], "Awaitable[float] | float"]
ROUNDS = 7


@dataclass(slots=True)
class Comparison:
    """`samples[name][round]`, in whatever unit the measures return; smaller or larger is better, as the case says."""

    samples: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        return statistics.median(self.samples[name])

    def ratios(self, name: str, baseline: str) -> list[float]:
        """One for each round."""
        return [a / b for a, b in zip(self.samples[name], self.samples[baseline], strict=True)]

    def ratio(self, name: str, baseline: str) -> float:
        return statistics.median(self.ratios(name, baseline))

    def spread(self, name: str, baseline: str) -> tuple[float, float]:
        """The quartiles of the ratios, to tell a finding from noise."""
        low, _, high = statistics.quantiles(self.ratios(name, baseline), n=4, method="inclusive")
        return low, high


async def interleave(contenders: Mapping[str, Measure], *, rounds: int = ROUNDS, warm_up: int = 1) -> Comparison:
    """Run every contender once in each round, in turns forwards and backwards; the first `warm_up` rounds don't count.

    A measure returns its figure (usually seconds); it may be a coroutine function.
    """
    comparison = Comparison({name: [] for name in contenders})
    for number in range(warm_up + rounds):
        order = list(contenders) if number % 2 == 0 else list(contenders)[::-1]
        for name in order:
            tell(f"round {number - warm_up + 1}/{rounds}: {name}" if number >= warm_up else f"warming up: {name}")
            figure = contenders[name]()
            if inspect.isawaitable(figure):
                figure = await figure
            if number >= warm_up:
                comparison.samples[name].append(figure)
    tell("")
    return comparison


class Stopwatch:
    """Wall and CPU seconds (of all threads of this process) of a block."""

    def __enter__(self) -> Self:
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._wall
        self.cpu = cpu_seconds() - self._cpu


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tell(sentence: str) -> None:
    """Progress on stderr; the table is all that stdout gets."""
    if sys.stderr.isatty():
        print(f"\r\033[K{sentence}", end="", file=sys.stderr, flush=True)
    elif sentence:
        print(sentence, file=sys.stderr, flush=True)
