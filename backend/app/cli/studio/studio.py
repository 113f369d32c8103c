"""One studio on one machine: which processes, in which order, with which settings."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from app.cli.studio import programs
from app.cli.studio.caddy import Caddy
from app.cli.studio.default_model import choose_models
from app.cli.studio.environment import ENV_FILE, child_environment, read_settings
from app.cli.studio.keys import prepare_home
from app.cli.studio.migrations import Migrations
from app.cli.studio.ports import LOOPBACK, PortBook, local_url, require_free
from app.cli.studio.postgres import EmbeddedPostgres
from app.cli.studio.processes import open_log
from app.cli.studio.redis import EmbeddedRedis
from app.cli.studio.state import StudioLock, StudioState, write_state
from app.cli.studio.supervisor import Check, Service, Supervisor, together
from app.core.config import Settings, load_settings
from app.core.errors import InvalidSettings, SettingProblem

UPKEEP_DELAY_SECONDS = 30.0
MINIMUM_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StudioOptions:
    """`proxy` False: the API alone on a loopback port, for one `generate`."""

    host: str = LOOPBACK
    port: int = 3000
    pages: bool = True
    proxy: bool = True


class Studio:
    """`await start()`, use `state`, `await stop()`: in this order, whatever happens in between."""

    def __init__(self, options: StudioOptions, report: Callable[[str], None]) -> None:
        """Raises `InvalidSettings` and `PortTaken` for what a person can mend before anything runs."""
        self._options = options
        self.settings = read_settings()
        self.home = self.settings.home
        if options.proxy:
            require_free(options.port, options.host)
        self._tell = report
        self._supervisor = Supervisor(self.home, self._report)
        self._lock = StudioLock(self.home)
        self._began = time.monotonic()
        self._upkeep_task: asyncio.Task[None] | None = None

    async def start(self) -> StudioState:
        """Raises `StudioRunning`, `StartFailed` and what the embedded parts raise; `stop` is due all the same."""
        _prepare_folder(self.home)
        self._lock.acquire()
        self._report(f"starting a studio on {self.home}", log_only=True)
        self._ports = PortBook(self.home)
        await self._choose_model()
        await self._start_servers()
        self._complete_settings()
        await self._start_application()
        if self._options.proxy:
            await self._start_proxy()
        state = self._state()
        write_state(self.home, state)
        self._report(f"ready at {state.url} after {time.monotonic() - self._began:.1f} s", log_only=True)
        return state

    async def stop(self) -> None:
        if not self._lock.is_held:
            return  # another studio's folder: nothing here was started
        began = time.monotonic()
        if self._upkeep_task is not None:
            self._upkeep_task.cancel()
            await asyncio.gather(self._upkeep_task, return_exceptions=True)
        await self._supervisor.stop()
        self._lock.release()
        self._report(f"stopped in {time.monotonic() - began:.1f} s", log_only=True)

    def hurry(self) -> None:
        self._supervisor.hurry()

    async def is_first_run(self) -> bool:
        """Nobody has an account yet: the next one to register becomes the owner."""
        try:
            async with _client() as client:
                answer = await client.get(f"{self._api_url}/api/v1/auth/config", timeout=10)
                return bool(answer.json()["registration"] == "first_run")
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return False

    @property
    def _api_url(self) -> str:
        return f"http://{LOOPBACK}:{self._api_port}"

    async def _choose_model(self) -> None:
        models = await asyncio.to_thread(choose_models, self.settings)
        self.settings = self.settings.model_copy(update={"model": models})

    async def _start_servers(self) -> None:
        """PostgreSQL and Redis, unless the settings name servers of the person's own."""
        services: list[Service] = []
        self._embedded_database = not self.settings.database_url
        postgres = None if self.settings.database_url else EmbeddedPostgres(self.home)
        if postgres is not None:
            await asyncio.to_thread(postgres.prepare)
            services.append(Service(postgres.program, "PostgreSQL", _in_thread(postgres.is_ready)))
        redis = None if self.settings.redis_url else EmbeddedRedis(self.home)
        if redis is not None:
            await asyncio.to_thread(redis.prepare)
            services.append(Service(redis.program, "Redis", _in_thread(redis.is_ready)))
        await self._supervisor.start(*services)
        if postgres is not None:
            await asyncio.to_thread(postgres.provision)
            self.settings = self.settings.model_copy(update={"database_url": postgres.url})
        if redis is not None:
            self.settings = self.settings.model_copy(update={"redis_url": redis.url})

    def _complete_settings(self) -> None:
        """The whole set, checked as every child will check it: what is wrong is said once, here, not in five logs."""
        self._api_port = self._ports.claim("api")
        chosen = self.settings
        public_url = self._public_url(chosen)
        self.settings = load_settings(
            _env_file=ENV_FILE,
            home=chosen.home,
            public_url=public_url,
            database_url=chosen.database_url,
            redis_url=chosen.redis_url,
            model=chosen.model,
        )

    def _public_url(self, settings: Settings) -> str:
        if not self._options.proxy:
            return self._api_url
        if "public_url" in settings.model_fields_set:
            return settings.public_url
        return local_url(self._options.host, self._options.port)

    async def _start_application(self) -> None:
        """API and pages load while the tables are made (`/readyz` waits for them); what works on jobs comes after."""
        environment = child_environment(self.settings)
        front, work, upkeep = self._front(environment), self._work(environment), self._upkeep(environment)
        migrations = Migrations(self.settings, embedded=self._embedded_database)
        if migrations.are_done():
            await self._supervisor.start(*front, *work)
        else:
            await together(self._migrate(migrations), self._supervisor.start(*front))
            await self._supervisor.start(*work)
        if self._options.proxy:
            await self._supervisor.start(*upkeep)
        else:
            self._upkeep_task = asyncio.create_task(self._start_later(upkeep))

    async def _start_later(self, services: list[Service]) -> None:
        """One job seldom needs upkeep, which costs seconds of CPU; a long one may need its lease looked after."""
        await asyncio.sleep(UPKEEP_DELAY_SECONDS)
        await self._supervisor.start(*services)

    async def _migrate(self, migrations: Migrations) -> None:
        began = time.monotonic()
        await migrations.run()
        self._report(f"Database tables up to date ({time.monotonic() - began:.1f} s)")

    def _front(self, environment: dict[str, str]) -> list[Service]:
        services = [Service(programs.api(environment, self._api_port), "API", _answers(f"{self._api_url}/readyz"))]
        if self._pages:
            self._web_port = self._ports.claim("web")
            address = f"http://{LOOPBACK}:{self._web_port}/"
            services.append(
                Service(programs.web(environment, self._web_port, self._api_url), "Web server", _answers(address))
            )
        return services

    def _work(self, environment: dict[str, str]) -> list[Service]:
        """The process that owns the device."""
        metrics_port = self._ports.claim("worker-metrics")
        worker = programs.celery_worker(
            "worker",
            "easel.generate",
            ("--pool", "prefork", "--concurrency", "1"),
            {**environment, "EASEL_WORKER_METRICS_PORT": str(metrics_port)},
        )
        if not self._options.proxy:
            # Its one job is over: there is nothing to wait for.
            worker = replace(worker, stop_signal=signal.SIGQUIT)
        return [Service(worker, "Worker")]

    def _upkeep(self, environment: dict[str, str]) -> list[Service]:
        """What keeps the queue in order, in a process of its own since the worker is busy for minutes."""
        upkeep = programs.celery_worker("upkeep", "easel.maintenance", ("--pool", "solo"), environment)
        beat = programs.beat(environment, self.home)
        return [Service(upkeep.in_background(), "Upkeep"), Service(beat.in_background(), "Clock (Celery beat)")]

    @property
    def _pages(self) -> bool:
        return self._options.proxy and self._options.pages

    async def _start_proxy(self) -> None:
        caddy = Caddy(
            home=self.home,
            host=self._options.host,
            port=self._options.port,
            public_url=self.settings.public_url,
            api_port=self._api_port,
            web_port=self._web_port if self._pages else None,
            static=programs.static_files(),
        )
        caddy.prepare()
        address = f"{local_url(self._options.host, self._options.port)}/healthz"
        await self._supervisor.start(Service(caddy.program, "Proxy", _answers(address), start_seconds=20))

    def _state(self) -> StudioState:
        return StudioState(
            pid=os.getpid(),
            url=self.settings.public_url,
            api_url=self._api_url,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            database_url=self.settings.database_url,
            redis_url=self.settings.redis_url,
            storage_url=self.settings.effective_storage_url,
            models=self.settings.model,
            stays=self._options.proxy,
        )

    def _report(self, sentence: str, *, log_only: bool = False) -> None:
        with open_log(self.home, "studio") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {sentence}\n".encode())
        if not log_only:
            self._tell(sentence)


def _in_thread(check: Callable[[], bool]) -> Check:
    async def run() -> str | None:
        return None if await asyncio.to_thread(check) else "it accepts no connections"

    return run


def _answers(url: str) -> Check:
    """Ready when the address answers without an error; else what it said: /readyz names the part that is away."""

    async def run() -> str | None:
        try:
            async with _client() as client:
                answer = await client.get(url, timeout=5)
        except httpx.HTTPError as error:
            return f"no answer from {url}: {type(error).__name__}"
        return (
            None
            if answer.status_code < httpx.codes.BAD_REQUEST
            else f"{url} says {answer.status_code}: {answer.text[:500]}"
        )

    return run


def _client() -> httpx.AsyncClient:
    # A proxy from the environment has no way to this machine's loopback address.
    return httpx.AsyncClient(trust_env=False)


def _prepare_folder(home: Path) -> None:
    try:
        prepare_home(home)
        free = shutil.disk_usage(home).free
    except OSError as error:
        problem = f"{home} can't be used as the data folder ({error.strerror}); name another one"
        raise InvalidSettings([SettingProblem("EASEL_HOME", problem)]) from error
    if free < MINIMUM_FREE_BYTES:
        problem = f"the disk of {home} has only {free // 2**20} MB left; free some space or name another folder"
        raise InvalidSettings([SettingProblem("EASEL_HOME", problem)])
