"""Loopback ports for the embedded parts: free ones, and the same ones again when they are still free.

A port that stays the same lets a person keep a `psql` history or a bookmark; it is never a promise.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104


class PortTaken(Exception):
    """The address that was asked for is in use. `holder` names the process when this user may see it."""

    def __init__(self, host: str, port: int, holder: str | None) -> None:
        by = f" by {holder}" if holder else ""
        super().__init__(f"port {port} on {host} is already in use{by}")
        self.host = host
        self.port = port
        self.holder = holder


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now. SO_REUSEADDR, as servers set it: TIME_WAIT counts as free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def local_url(host: str, port: int) -> str:
    """Where this machine reaches a server that listens on `host`. Loopback goes by number: cookies know one name."""
    if host in EVERYWHERE or host == "localhost":
        host = LOOPBACK
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, host: str = LOOPBACK) -> None:
    """Raise `PortTaken` when nobody could listen on `host:port`."""
    if not is_free(port, host):
        raise PortTaken(host, port, holder_of(port))


def holder_of(port: int) -> str | None:
    """Who listens on the port, as "name (pid N)", or None when the system does not tell this user."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return None
    for connection in connections:
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None


class PortBook:
    """Remembers in `home/run/ports.json` which port each part had, and hands it out again while it is free."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "ports.json"

    def claim(self, name: str) -> int:
        known = self._read()
        taken = {port for other, port in known.items() if other != name}
        port = known.get(name)
        if port is None or port in taken or not is_free(port):
            port = free_port()
            while port in taken:
                port = free_port()
        self._write({**known, name: port})
        return port

    def _read(self) -> dict[str, int]:
        try:
            content = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return {str(k): v for k, v in content.items() if isinstance(v, int)} if isinstance(content, dict) else {}

    def _write(self, ports: dict[str, int]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(ports, indent=2) + "\n")
        partial.replace(self._path)
