"""What both training loops share: budget by the clock, checkpoints, progress."""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn


@dataclass(slots=True)
class Budget:
    """A training budget in seconds of wall time, kept across interruptions.

    ``spent`` comes from the checkpoint, so a resumed run goes on where it
    stopped. A longer total on resume stretches the schedule.
    """

    total: float
    spent: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    def tick(self) -> None:
        """Count the time since the last tick."""
        now = time.monotonic()
        self.spent += now - self._last
        self._last = now

    @property
    def progress(self) -> float:
        """Share of the budget that is used up, 0..1."""
        return min(1.0, self.spent / self.total)

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.total - self.spent)


def learning_rate(peak: float, step: int, progress: float, warmup: int, hold: float = 0.5) -> float:
    """Linear warm-up over steps, constant until ``hold``, then cosine to 2 %."""
    if step < warmup:
        return peak * (step + 1) / warmup
    if progress < hold:
        return peak
    fall = (progress - hold) / (1 - hold)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))


class Ema:
    """Exponential moving average of a module's parameters, with a warm start."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.shadow = [p.detach().clone() for p in module.parameters()]

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move the average towards the module's present parameters."""
        decay = min(self.decay, (1 + step) / (10 + step))
        params = [p.detach() for p in module.parameters()]
        torch._foreach_lerp_(self.shadow, params, 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Overwrite the module's parameters with the average."""
        for parameter, average in zip(module.parameters(), self.shadow, strict=True):
            parameter.copy_(average)


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint so that a kill leaves the old or the new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    with scratch.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint, or None when there is none."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def half_precision() -> torch.autocast:
    """Matrix products in bfloat16, where the processor multiplies it natively.

    With AMX the autoencoder trains 3.5 times and the UNet 1.6 times as fast as
    in float32; the weights and the optimiser stay in float32.
    """
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_amx_tile_supported())


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Apply one rate to every parameter group."""
    for group in optimizer.param_groups:
        group["lr"] = rate


class Progress:
    """Prints loss, images per second and time left every so many seconds."""

    def __init__(self, budget: Budget, every: float = 20.0) -> None:
        self._budget = budget
        self._every = every
        self._since = time.monotonic()
        self._images = 0
        self._sums: dict[str, float] = {}
        self._count = 0

    def add(self, step: int, images: int, **values: float) -> None:
        """Record one step; print when it is time."""
        self._images += images
        self._count += 1
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        passed = time.monotonic() - self._since
        if passed < self._every:
            return
        means = " ".join(f"{k} {v / self._count:.4f}" for k, v in self._sums.items())
        print(
            f"step {step} {means} {self._images / passed:.1f} images/s "
            f"{self._budget.spent / 60:.1f} min done, {self._budget.left / 60:.1f} min left",
            flush=True,
        )
        self._since, self._images, self._count = time.monotonic(), 0, 0
        self._sums.clear()


def endless_batches(count: int, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Shuffled index batches of exactly ``size`` over ``count`` rows, for ever."""
    while True:
        order = torch.randperm(count, generator=generator)
        yield from order[: count - count % size].split(size)
