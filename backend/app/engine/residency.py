"""Which models are in memory: as many as the budget holds; the one used longest ago makes room first."""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import psutil

GB = 1_000_000_000
DEFAULT_SHARE = 0.5
"""Of the device's memory; the other half is for what a pass needs beside the weights."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


class Sized(Protocol):
    """`size_bytes`: what it takes while it is loaded."""

    size_bytes: int


Model = TypeVar("Model", bound=Sized)


class Residents(Generic[Model]):
    """Models by id. Only the device's thread adds and removes; others may use one meanwhile."""

    def __init__(self, budget_bytes: int, on_removed: Callable[[], None]) -> None:
        """`on_removed` gives freed memory back to the device."""
        self._budget = budget_bytes
        self._on_removed = on_removed
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._users: dict[str, int] = {}
        self._changed = threading.Condition()

    @property
    def ids(self) -> frozenset[str]:
        with self._changed:
            return frozenset(self._models)

    def find(self, model_id: str) -> Model | None:
        """Counts as a use."""
        with self._changed:
            if model_id in self._models:
                self._models.move_to_end(model_id)
            return self._models.get(model_id)

    @contextmanager
    def use(self, model_id: str) -> Iterator[Model | None]:
        """Within the block the model stays."""
        with self._changed:
            model = self._models.get(model_id)
            self._users[model_id] = self._users.get(model_id, 0) + 1
        try:
            yield model
        finally:
            with self._changed:
                self._users[model_id] -= 1
                self._changed.notify_all()

    def make_room(self, size_bytes: int) -> None:
        """For a model that is about to be loaded; one that is larger than the budget gets all of it."""
        while self._models and self._total() + size_bytes > self._budget:
            self._remove_oldest()

    def add(self, model_id: str, model: Model) -> None:
        """It may turn out larger than was thought: others make room for it even now, itself it stays."""
        with self._changed:
            self._models[model_id] = model
        while len(self._models) > 1 and self._total() > self._budget:
            self._remove_oldest()

    def _total(self) -> int:
        return sum(model.size_bytes for model in self._models.values())

    def _remove_oldest(self) -> None:
        with self._changed:
            oldest = next(iter(self._models))
            # Its last pictures may still be decoded: removed under their hands, two models would share the memory.
            self._changed.wait_for(lambda: not self._users.get(oldest))
            del self._models[oldest]
        self._on_removed()


def machine_memory() -> int:
    """In bytes: what the machine has, or what the container may use of it."""
    total = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):  # "max", or no cgroup
        total = min(total, int(CGROUP_LIMIT.read_text()))
    return total


def weights_size(directory: Path, bytes_per_number: int) -> int:
    """What the safetensors files below take once they are loaded; 0 where there are none."""
    return sum(_numbers_in(path) for path in directory.glob("*/*.safetensors")) * bytes_per_number


def _numbers_in(path: Path) -> int:
    """From the file's header: eight bytes of length, then JSON with the shape of each tensor."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, MemoryError, OverflowError):
        return 0  # loading it will say what is wrong with it
