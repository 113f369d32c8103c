"""A studio of real processes that a test may kill: PostgreSQL, Redis, APIs, Celery workers, upkeep.

Only the device is a stand-in (`painting_worker`), unless another worker is asked for. Every process is known by its
pid; nothing is ever killed by name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.database import migrate
from app.cli.studio.postgres import EmbeddedPostgres, PostgresFailed
from app.cli.studio.redis import EmbeddedRedis
from app.core.clock import utc_now
from app.core.config import Settings, load_settings
from app.core.enums import Role, Scope
from app.core.ids import new_id
from app.core.security import AccessTokens, Principal
from app.core.signing import SigningKeys
from app.db.session import make_engine
from tests.support.homes import temporary_home
from tests.support.s3_server import ACCESS_KEY_ID, BUCKET, SECRET_ACCESS_KEY, free_port, serve_s3
from tests.support.studio import write_model_card
from tests.support.troubled_proxy import TroubledProxy

BACKEND = Path(__file__).parents[2]
PAINTING_WORKER = "tests.support.painting_worker:celery_app"
REAL_WORKER = "app.worker:celery_app"
LEASE_SECONDS = 3.0
SWEEP_SECONDS = 0.5
DRAIN_SECONDS = 3.0
START_SECONDS = 300.0
"""Python's imports take a second or a minute, by what else the machine does."""
SLACK_SECONDS = 10.0
"""What a busy machine may add to a promised time. The promise itself is reported with every run."""
TERMINAL = ("COMPLETED", "FAILED", "CANCELED")


@dataclass
class Part:
    """One process that can be killed and started again."""

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _log_begins: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._log_begins = log.tell()
            self.process = subprocess.Popen(
                self.argv,
                env=self.environment,
                cwd=BACKEND,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def has_said(self, words: bytes) -> bool:
        """Whether its log has these words since it was started last."""
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            return words in log.read()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []

    def kill(self) -> None:
        """-9, to the whole family: what a crash of the machine or the container would do."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def ask_to_stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 60) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGCONT)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass(frozen=True)
class Maker:
    """A person with a token. `accepted` is their ledger: the ids of everything that was answered with 202 or 200."""

    organization_id: UUID
    user_id: UUID
    token: str
    accepted: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class RealStudio:
    def __init__(
        self, home: Path, proxy: TroubledProxy, s3_folder: Path, *, apis: int, workers: int, worker_app: str
    ) -> None:
        self.home = home
        self.proxy = proxy
        self.bucket = s3_folder / BUCKET
        self.postgres = EmbeddedPostgres(home)
        self.redis = EmbeddedRedis(home)
        self.api_ports = [free_port() for _ in range(apis)]
        self._worker_count = workers
        self._celery = (sys.executable, "-m", "celery", "-A", worker_app, "worker")
        self.engine: AsyncEngine

    async def start(self, **changes: Any) -> None:
        await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(self.redis.start)
        model = write_model_card(self.home / "models" / "plain")
        self.settings = self._settings(str(model), changes)
        await asyncio.to_thread(migrate, self.settings)
        self.engine = make_engine(self.postgres.superuser_url, pool_size=3)
        logs = self.home / "logs"
        self.apis = [
            Part(f"api-{n}", self._api(port), self._environment(), logs / f"api-{n}.log")
            for n, port in enumerate(self.api_ports)
        ]
        self.workers = [
            Part(f"worker-{n}", self._worker(n), self._environment(), logs / f"worker-{n}.log")
            for n in range(self._worker_count)
        ]
        self.upkeep = Part("upkeep", self._upkeep(), self._environment(), logs / "upkeep.log")
        for part in self.parts:
            part.start()
        await self.until(self.answers, "the APIs answer", START_SECONDS)

    @property
    def parts(self) -> list[Part]:
        return [*self.apis, *self.workers, self.upkeep]

    async def stop(self) -> None:
        for part in self.parts:
            part.thaw()
            part.kill()
        await self.engine.dispose()
        await asyncio.to_thread(self.redis.stop)
        await asyncio.to_thread(self.postgres.stop)

    async def make_whole(self) -> None:
        """Whatever a test did: every part runs again, and nothing fails any more."""
        self.proxy.mode = "ok"
        for part in self.parts:
            part.thaw()
            if not part.is_alive():
                part.start()
        await self.until(self.answers, "the APIs answer", START_SECONDS)

    def url(self, number: int = 0) -> str:
        return f"http://127.0.0.1:{self.api_ports[number % len(self.api_ports)]}"

    async def answers(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            try:
                return all([(await http.get(f"{self.url(n)}/readyz")).is_success for n in range(len(self.api_ports))])
            except httpx.HTTPError:
                return False

    async def kill_postgres(self) -> None:
        process = self.postgres._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)

    async def start_postgres(self) -> None:
        # Backends of the killed server may hold its memory for a moment; then it refuses, and is asked again.
        for _ in range(20):
            try:
                await asyncio.to_thread(self.postgres.start)
            except (PostgresFailed, subprocess.SubprocessError):
                await asyncio.sleep(0.5)
            else:
                return
        raise TimeoutError("PostgreSQL did not come back")

    async def kill_redis(self) -> None:
        process = self.redis._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)

    async def start_redis(self) -> None:
        await asyncio.to_thread(self.redis.start)

    @asynccontextmanager
    async def redis_client(self) -> AsyncIterator[Redis]:
        redis = Redis.from_url(self.redis.url)
        try:
            yield redis
        finally:
            await redis.aclose()

    async def flush_redis(self) -> None:
        async with self.redis_client() as redis:
            await redis.flushall()

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What is really in the tables, seen by the superuser. Asks again while the database is away."""
        for _ in range(60):
            try:
                async with self.engine.begin() as connection:
                    return list((await connection.execute(text(statement), values)).all())
            except Exception:  # noqa: BLE001 (asyncpg and SQLAlchemy raise a dozen kinds when a server dies)
                await asyncio.sleep(0.5)
        raise TimeoutError("the database did not come back")

    async def value(self, statement: str, **values: Any) -> Any:
        [[value]] = await self.rows(statement, **values)
        return value

    async def until(
        self, condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 60, every: float = 0.1
    ) -> float:
        """Wait for it; returns how long it took."""
        began = time.monotonic()
        while not await condition():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"waited {seconds:g} s in vain until {what}")
            await asyncio.sleep(every)
        return time.monotonic() - began

    async def until_all_ended(self, seconds: float = 120) -> float:
        async def ended() -> bool:
            return bool(await self.value("SELECT count(*) = 0 FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING')"))

        return await self.until(ended, "every job has ended", seconds, every=0.25)

    async def until_running(self, count: int = 1, seconds: float = 60) -> float:
        async def running() -> bool:
            return bool(await self.value("SELECT count(*) >= :n FROM image_jobs WHERE status = 'RUNNING'", n=count))

        return await self.until(running, f"{count} jobs run", seconds, every=0.03)

    async def empty(self) -> None:
        """No job, no image, no file; people stay."""
        await self.rows("DELETE FROM image_jobs RETURNING 1")
        await self.rows("UPDATE quota_accounts SET reserved = 0, charged = 0 RETURNING 1")
        await self.rows("UPDATE user_quota_accounts SET reserved = 0, charged = 0 RETURNING 1")
        shutil.rmtree(self.bucket, ignore_errors=True)
        self.bucket.mkdir()

    async def people(self, count: int, organizations: int = 1) -> list[Maker]:
        life = timedelta(seconds=self.settings.access_token_seconds)
        rotation = timedelta(days=self.settings.signing_key_days)
        keys = SigningKeys(self.settings.require_secret(), rotate_every=rotation, tokens_live=life)
        tokens = AccessTokens(keys, lifetime_seconds=self.settings.access_token_seconds)
        makers = []
        ids = [new_id() for _ in range(organizations)]
        for organization_id in ids:
            await self.rows(
                "INSERT INTO organizations (id, name) VALUES (:id, 'studio') RETURNING 1", id=organization_id
            )
        for number in range(count):
            user_id, session_id, organization_id = new_id(), new_id(), ids[number % organizations]
            await self.rows(
                "INSERT INTO users (id, name, email, claimed_at) VALUES (:id, 'maker', :email, now()) RETURNING 1",
                id=user_id,
                email=f"{user_id}@example.com",
            )
            await self.rows(
                "INSERT INTO memberships (organization_id, user_id, role) VALUES (:o, :u, 'owner') RETURNING 1",
                o=organization_id,
                u=user_id,
            )
            await self.rows(
                "INSERT INTO sessions (id, user_id, organization_id, expires_at) VALUES (:id, :u, :o, :e) RETURNING 1",
                id=session_id,
                u=user_id,
                o=organization_id,
                e=utc_now() + timedelta(days=1),
            )
            principal = Principal(
                user_id=user_id,
                organization_id=organization_id,
                role=Role.OWNER,
                scopes=frozenset(Scope),
                session_id=session_id,
            )
            makers.append(Maker(organization_id, user_id, tokens.issue(principal)))
        return makers

    async def submit(
        self, maker: Maker, *, prompt: str = "a red rocket", key: str | None = None, api: int = 0, **body: Any
    ) -> httpx.Response:
        """One request, whatever becomes of it. What is accepted goes into the maker's ledger."""
        headers = {**maker.headers, **({"Idempotency-Key": key} if key else {})}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            answer = await http.post(
                f"{self.url(api)}/api/v1/generate", json={"prompt": prompt, **body}, headers=headers
            )
        if answer.status_code in {200, 202}:
            maker.accepted.append(answer.json()["job_id"])
        return answer

    async def submit_all(self, makers: list[Maker], count: int, **body: Any) -> list[str]:
        """`count` jobs over the makers, all accepted."""
        answers = [await self.submit(makers[n % len(makers)], api=n, **body) for n in range(count)]
        assert {answer.status_code for answer in answers} == {202}, [answer.text for answer in answers]
        return [answer.json()["job_id"] for answer in answers]

    def _settings(self, model: str, changes: dict[str, Any]) -> Settings:
        values: dict[str, Any] = {
            "home": self.home,
            "database_url": self.postgres.url,
            "redis_url": self.redis.url,
            "storage_url": f"s3://{BUCKET}?endpoint={self.proxy.url}",
            "s3_access_key_id": ACCESS_KEY_ID,
            "s3_secret_access_key": SECRET_ACCESS_KEY,
            "public_url": "http://127.0.0.1:3000",
            "secret_key": "a secret for tests that is long enough",
            "model": model,
            "lease_seconds": LEASE_SECONDS,
            "heartbeat_seconds": 0.3,
            "sweep_seconds": SWEEP_SECONDS,
            "drain_seconds": DRAIN_SECONDS,
            "database_pool_size": 5,
            "access_token_seconds": 3600,
            **changes,
        }
        self._variables = {f"EASEL_{name.upper()}": str(value) for name, value in values.items()}
        return load_settings(_env_file=None, **values)

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("EASEL_", "PG"))}
        return {**clean, **self._variables, "PYTHONPATH": str(BACKEND), "PYTHONUNBUFFERED": "1"}

    def _api(self, port: int) -> tuple[str, ...]:
        options = ("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "5")
        return (sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", *options)

    def _worker(self, number: int) -> tuple[str, ...]:
        return (
            *self._celery,
            "--queues",
            "easel.generate",
            "--hostname",
            f"w{number}@%h",
            "--concurrency",
            "1",
            *_QUIET,
        )

    def _upkeep(self) -> tuple[str, ...]:
        schedule = str(self.home / "run" / "beat")
        beat = ("--beat", "--schedule", schedule)
        return (*self._celery, "--queues", "easel.maintenance", "--hostname", "up@%h", "--pool", "solo", *beat, *_QUIET)


_QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@asynccontextmanager
async def open_real_studio(
    *, apis: int = 1, workers: int = 1, worker_app: str = PAINTING_WORKER, **changes: Any
) -> AsyncIterator[RealStudio]:
    async with AsyncExitStack() as stack:
        home = stack.enter_context(temporary_home("chaos"))
        s3 = stack.enter_context(serve_s3(home / "s3"))
        proxy = await stack.enter_async_context(TroubledProxy.serve(s3.endpoint))
        studio = RealStudio(home, proxy, s3.folder, apis=apis, workers=workers, worker_app=worker_app)
        stack.push_async_callback(studio.stop)
        await studio.start(**changes)
        yield studio
