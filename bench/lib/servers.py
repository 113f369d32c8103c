"""Real servers for a comparison: PostgreSQL that really syncs, Redis, and Easel's own processes, on free ports.

Everything is a child of this process and is stopped by its own process id; the folder is removed at the end.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.database import migrate
from app.cli.studio.postgres import EmbeddedPostgres
from app.cli.studio.redis import EmbeddedRedis
from app.core.clock import utc_now
from app.core.config import Settings, load_settings
from app.core.enums import Role, Scope
from app.core.ids import new_id
from app.core.security import AccessTokens, Principal
from app.core.signing import SigningKeys
from app.db.session import make_engine
from bench.lib.http import until_it_answers
from tests.support.homes import temporary_home
from tests.support.s3_server import free_port
from tests.support.studio import write_model_card

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20.0


class Child:
    """One process of a comparison, with its CPU time and memory."""

    def __init__(self, argv: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                argv,
                env=dict(environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        children = self.family()[1:] if self.process.poll() is None else []
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in psutil.wait_procs(children, timeout=1)[1]:  # not every server ends its own
            child.kill()

    def family(self) -> list[psutil.Process]:
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Of all its threads and children."""
        return cpu_seconds_of(self.family())

    def resident_bytes(self) -> int:
        return sum(process.memory_info().rss for process in self.family())


def cpu_seconds_of(processes: Iterable[psutil.Process]) -> float:
    """To the nanosecond where the kernel tells (psutil counts in hundredths); what has ended does not count."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            try:
                tasks = list(Path(f"/proc/{process.pid}/task").iterdir())
                total += sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
            except OSError:
                times = process.cpu_times()
                total += times.user + times.system
    return total


def cpu_seconds_of_servers(name: str) -> float:
    """Of all processes of PostgreSQL or Redis that this one has started."""
    children = psutil.Process().children(recursive=True)
    return cpu_seconds_of(child for child in children if child.name().startswith(name))


@dataclass(frozen=True)
class Person:
    organization_id: UUID
    user_id: UUID
    token: str


@dataclass
class Servers:
    """PostgreSQL, Redis and the settings that name them."""

    home: Path
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    settings: Settings
    variables: dict[str, str]
    owner: AsyncEngine

    def environment(self, **more: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("EASEL_", "PG"))}
        paths = os.pathsep.join(
            (
                str(ROOT),
                str(ROOT / "backend"),
                *filter(None, [more.pop("PYTHONPATH", "")]),
            )
        )
        return {
            **clean,
            **self.variables,
            "PYTHONPATH": paths,
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def start(self, name: str, *argv: str, **more: str) -> Child:
        return Child((sys.executable, *argv), self.environment(**more), self.home / f"{name}.log")

    @asynccontextmanager
    async def web(self, application: str, *options: str, **more: str) -> AsyncIterator[tuple[Child, int]]:
        """`application` behind uvicorn, as `./easel up` runs the API; gives the process and its port."""
        port = free_port()
        name = application.partition(":")[0].rpartition(".")[2] + f"-{port}"
        arguments = (
            "-m",
            "uvicorn",
            application,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            *options,
        )
        with self.start(name, *arguments, **more) as child:
            await until_it_answers(child.process, port, child.log)
            yield child, port

    def api(self, **more: str) -> Any:
        return self.web("app.main:create_app", "--factory", "--no-access-log", **more)

    @asynccontextmanager
    async def sink(self) -> AsyncIterator[int]:
        """The port of a server that refuses whoever connects (see `bench/lib/sink.py`)."""
        port = free_port()
        with self.start("sink", "-m", "bench.lib.sink", str(port)) as child:
            await until_it_answers(child.process, port, child.log)
            yield port

    def worker(self, number: int = 0) -> Child:
        """A worker whose device is the no-op engine."""
        return self._celery(f"worker-{number}", "--queues", "easel.generate", "--concurrency", "1")

    def real_worker(self, name: str, **more: str) -> Child:
        """A worker with a real device; `more` are its own variables."""
        options = ("--queues", "easel.generate", "--concurrency", "1")
        return self._celery(name, *options, application="app.worker:celery_app", **more)

    def upkeep(self) -> Child:
        beat = ("--beat", "--schedule", str(self.home / "beat"))
        return self._celery("upkeep", "--queues", "easel.maintenance", "--pool", "solo", *beat)

    def _celery(
        self,
        name: str,
        *options: str,
        application: str = "bench.lib.no_op_worker:celery_app",
        **more: str,
    ) -> Child:
        quiet = (
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--hostname",
            f"{name}@%h",
        )
        return self.start(name, "-m", "celery", "-A", application, "worker", *options, *quiet, **more)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """As the superuser."""
        async with self.owner.begin() as connection:
            return list((await connection.execute(text(statement), values)).all())

    async def value(self, statement: str, **values: Any) -> Any:
        [[value]] = await self.rows(statement, **values)
        return value

    async def empty_queue(self, *more: str) -> None:
        """`more` are tables of contenders."""
        tables = ", ".join(
            (
                "image_jobs",
                "quota_accounts",
                "user_quota_accounts",
                "organization_shares",
                "user_shares",
                *more,
            )
        )
        async with self.owner.begin() as connection:
            await connection.execute(text(f"TRUNCATE {tables} CASCADE"))

    async def people(self, count: int, *, organizations: int = 1) -> list[Person]:
        """Signed-in members, spread evenly over the organisations."""
        life = timedelta(seconds=self.settings.access_token_seconds)
        rotation = timedelta(days=self.settings.signing_key_days)
        keys = SigningKeys(self.settings.require_secret(), rotate_every=rotation, tokens_live=life)
        tokens = AccessTokens(keys, lifetime_seconds=self.settings.access_token_seconds)
        houses = [new_id() for _ in range(organizations)]
        principals = [
            Principal(
                user_id=new_id(),
                organization_id=houses[number % organizations],
                role=Role.MEMBER,
                scopes=frozenset(Scope),
                session_id=new_id(),
            )
            for number in range(count)
        ]
        rows = [
            {
                "o": each.organization_id,
                "u": each.user_id,
                "s": each.session_id,
                "email": f"{each.user_id}@example.com",
                "until": utc_now() + timedelta(days=1),
            }
            for each in principals
        ]
        async with self.owner.begin() as connection:
            await connection.execute(
                text("INSERT INTO organizations (id, name) VALUES (:o, 'o')"),
                [{"o": house} for house in houses],
            )
            for statement in (
                "INSERT INTO users (id, name, email, claimed_at) VALUES (:u, 'u', :email, now())",
                "INSERT INTO memberships (organization_id, user_id, role) VALUES (:o, :u, 'member')",
                "INSERT INTO sessions (id, user_id, organization_id, expires_at) VALUES (:s, :u, :o, :until)",
            ):
                await connection.execute(text(statement), rows)
        return [Person(each.organization_id, each.user_id, tokens.issue(each)) for each in principals]


@asynccontextmanager
async def open_servers(*, model: Path | str | None = None, **changes: Any) -> AsyncIterator[Servers]:
    """`changes` are settings. Without a model a card stands in that needs no weights."""
    settings_of_postgres = {"track_commit_timestamp": "on"}
    with (
        temporary_home("bench") as home,
        EmbeddedPostgres(home, settings=settings_of_postgres) as postgres,
        EmbeddedRedis(home) as redis,
    ):
        values: dict[str, Any] = {
            "home": home,
            "database_url": postgres.url,
            "redis_url": redis.url,
            "public_url": "http://127.0.0.1:3000",
            "secret_key": "a secret for benchmarks that is long enough",
            "model": str(model or write_model_card(home / "models" / "plain")),
            "access_token_seconds": 3600,
            "requests_per_minute": 1_000_000,
            "organization_requests_per_minute": 10_000_000,
            "max_queued_per_user": 1_000_000,
            **changes,
        }
        settings = load_settings(_env_file=None, **values)
        await asyncio.to_thread(migrate, settings)
        owner = make_engine(postgres.superuser_url, pool_size=2)
        try:
            variables = {f"EASEL_{name.upper()}": str(value) for name, value in values.items()}
            yield Servers(home, postgres, redis, settings, variables, owner)
        finally:
            await owner.dispose()


async def until(condition: Any, what: str, seconds: float = 120.0, every: float = 0.05) -> None:
    """Waits for an async condition."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain until {what}")
        await asyncio.sleep(every)
