"""Start and stop one child process so that none is ever left behind.

Every child leads a session of its own: a Ctrl-C in the terminal reaches the supervisor alone, which then stops the
children in its own order, and one signal to the group reaches a child's own children. Each child is written down in
`home/run/NAME.pid`, so that a later start finds what a killed studio left.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import psutil

LOG_BYTES = 5 * 1024 * 1024
LOG_GENERATIONS = 3
LOG_LINE_CHARACTERS = 400
SAME_BIRTH_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `uid` is the user (and group) to become; None stays who we are."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path | None = None
    uid: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0

    def in_background(self) -> Program:
        """With a lower priority, for what may wait while something else starts or works."""
        nice = shutil.which("nice")
        return replace(self, argv=(nice, "-n", "10", *self.argv)) if nice else self

    def popen_arguments(self, log: IO[bytes]) -> dict[str, Any]:
        """Keyword arguments that `subprocess.Popen` and asyncio's `create_subprocess_exec` take alike."""
        arguments: dict[str, Any] = {
            "env": dict(self.env),
            "cwd": self.cwd,
            "stdin": subprocess.DEVNULL,
            "stdout": log,
            "stderr": subprocess.STDOUT,
            "start_new_session": True,
            "preexec_fn": _die_with_parent(self.stop_signal),
        }
        if self.uid is not None:
            arguments |= {"user": self.uid, "group": self.uid, "extra_groups": []}
        return arguments


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """A kill -9 of the supervisor still stops its children (Linux). Set last, since a change of user clears it."""
    if _libc is None:
        return None
    libc = _libc  # loaded before the fork: an import between fork and exec could deadlock

    def set_death_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))

    return set_death_signal


def open_log(home: Path, name: str) -> IO[bytes]:
    """`home/logs/NAME.log` for appending; one that has grown too big moves to NAME.log.1, .2, .3 first."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_BYTES:
            for generation in range(LOG_GENERATIONS, 0, -1):
                older = path.with_name(f"{path.name}.{generation}")
                newer = path if generation == 1 else path.with_name(f"{path.name}.{generation - 1}")
                with contextlib.suppress(FileNotFoundError):
                    newer.replace(older)
    return path.open("ab")


def log_tail(home: Path, name: str, lines: int = 20) -> str:
    try:
        content = (home / "logs" / f"{name}.log").read_bytes()[-65536:]
    except OSError:
        return ""
    # A JSON line may hold a whole traceback: its beginning names the error.
    return "\n".join(line[:LOG_LINE_CHARACTERS] for line in content.decode(errors="replace").splitlines()[-lines:])


def spawn(program: Program, home: Path) -> subprocess.Popen[bytes]:
    """Start the program in the background, with its output in its log."""
    with open_log(home, program.name) as log:
        process = subprocess.Popen(program.argv, **program.popen_arguments(log))
    write_down(home, program.name, process.pid)
    return process


def stop(process: subprocess.Popen[bytes], program: Program) -> None:
    """Ask the child to stop, wait, and in the end kill its whole group."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        try:
            process.wait(program.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()
    kill_group(process.pid)


def describe_exit(code: int | None) -> str:
    """A return code of `subprocess` in words: "exit code 3", "SIGKILL"."""
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def write_down(home: Path, name: str, pid: int) -> None:
    path = home / "run" / f"{name}.pid"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(psutil.Error):
        path.write_text(json.dumps({"pid": pid, "created": psutil.Process(pid).create_time()}))


def cross_out(home: Path, name: str) -> None:
    (home / "run" / f"{name}.pid").unlink(missing_ok=True)


def stop_leftover(home: Path, name: str, stop_signal: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> bool:
    """Stop what an earlier, killed studio left under this name. True when there was something."""
    path = home / "run" / f"{name}.pid"
    try:
        written = json.loads(path.read_text())
        process = psutil.Process(int(written["pid"]))
        # A number that another process got since has another time of birth.
        ours = abs(process.create_time() - float(written["created"])) < SAME_BIRTH_SECONDS
    except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        ours = False
    if ours:
        _end(process, stop_signal, seconds)
    path.unlink(missing_ok=True)
    return ours


def _end(process: psutil.Process, stop_signal: signal.Signals, seconds: float) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(seconds)
        kill_group(process.pid)
        process.wait(5)
