"""What a running studio tells others on the same machine: `home/run/studio.json`, and a lock while it lives."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LOCK_TRIES = 5


@dataclass(frozen=True, slots=True)
class StudioState:
    """Enough for another command to talk to the studio. Holds passwords, hence mode 600."""

    pid: int
    url: str
    api_url: str
    started_at: str
    database_url: str
    redis_url: str
    storage_url: str
    models: tuple[str, ...]
    stays: bool
    """False for the short studio of one `generate`, which ends with it."""


class StudioRunning(Exception):
    """Another studio holds this data folder. `state` is None while that one is still starting."""

    def __init__(self, home: Path, state: StudioState | None) -> None:
        if state is None:
            message = f"a studio is already starting on {home}; wait for it, or stop it first"
        else:
            message = f"a studio is already running at {state.url} (pid {state.pid}, data in {home})"
        super().__init__(message)
        self.state = state


class StudioLock:
    """At most one studio per data folder. The system drops the lock when its holder dies, however it dies."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        return self._descriptor is not None

    def acquire(self) -> None:
        """Raise `StudioRunning` when another process has it."""
        path = self._home / "run" / "studio.lock"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._lock(descriptor):
            os.close(descriptor)
            raise StudioRunning(self._home, read_state(self._home))
        self._descriptor = descriptor
        state_path(self._home).unlink(missing_ok=True)  # of a studio that was killed

    def _lock(self, descriptor: int) -> bool:
        for _ in range(LOCK_TRIES):
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if read_state(self._home) is not None:
                return False
            time.sleep(0.1)  # `running_studio` of another command holds it for a moment only
        return False

    def release(self) -> None:
        if self._descriptor is not None:
            state_path(self._home).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def running_studio(home: Path) -> StudioState | None:
    """The studio that runs on this data folder now and is ready, if any."""
    lock = StudioLock(home)
    if not (home / "run" / "studio.lock").exists():
        return None
    try:
        lock.acquire()
    except StudioRunning as running:
        return running.state
    lock.release()
    return None


def state_path(home: Path) -> Path:
    return home / "run" / "studio.json"


def write_state(home: Path, state: StudioState) -> None:
    path = state_path(home)
    partial = path.with_suffix(".partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file, indent=2)
    partial.replace(path)


def read_state(home: Path) -> StudioState | None:
    try:
        content = json.loads(state_path(home).read_text())
        return StudioState(**{**content, "models": tuple(content["models"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
