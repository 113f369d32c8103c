"""The composition root: builds every part of a process once, and takes it down again in reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from app import models as _all_tables  # noqa: F401 (fills the metadata)
from app.core.config import Settings
from app.core.passwords import Passwords
from app.core.security import AccessTokens, CsrfTokens, DeviceTokens
from app.core.signing import SigningKeys
from app.db.base import Base
from app.db.migrations import runner
from app.db.session import make_engine
from app.engine.catalog import ModelCatalog
from app.engine.protocol import Engine
from app.integrations.events import EventBus
from app.integrations.guessing import GuessingLimiter
from app.integrations.rate_limits import RateLimiter, RedisOrMemory
from app.integrations.storage.factory import make_storage
from app.integrations.storage.protocol import Storage
from app.integrations.workers import WorkerBoard
from app.services.accounts import AccountService
from app.services.announcements import JobAnnouncer
from app.services.audit import AuditService
from app.services.callers import CallerService
from app.services.container import Services
from app.services.dead_letters import DeadLetterService
from app.services.events import EventService
from app.services.health import HealthService
from app.services.images import ImageService
from app.services.job_views import JobViews
from app.services.jobs import JobService
from app.services.keys import ApiKeyService
from app.services.limits import GuessLimits, RequestLimits
from app.services.models import ModelService
from app.services.orphans import OrphanService
from app.services.queue import QueueService
from app.services.quotas import QuotaService
from app.services.sessions import SessionService
from app.services.unit_of_work import UnitsOfWork
from app.services.wake_ups import WakeUps
from app.services.work import WorkService
from app.tasks.wake_ups import CeleryWakeUps


@dataclass(frozen=True, slots=True)
class Parts:
    """What services are made of; shared by API, workers and upkeep."""

    settings: Settings
    units: UnitsOfWork
    redis: Redis
    storage: Storage
    catalog: ModelCatalog
    board: WorkerBoard
    bus: EventBus
    quotas: QuotaService
    views: JobViews
    announcer: JobAnnouncer
    wake_ups: WakeUps


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Connect lazily: nothing here fails because a server is away at this moment."""
    async with AsyncExitStack() as stack:
        engine = make_engine(settings.database_url, pool_size=settings.database_pool_size)
        stack.push_async_callback(engine.dispose)
        redis = make_redis(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        wake_ups = CeleryWakeUps(settings.effective_broker_url)
        stack.push_async_callback(wake_ups.close)
        units, storage, board, bus = UnitsOfWork(engine), make_storage(settings), WorkerBoard(redis), EventBus(redis)
        stack.push_async_callback(bus.close)
        views = JobViews(units, storage, board)
        yield Parts(
            settings=settings,
            units=units,
            redis=redis,
            storage=storage,
            catalog=ModelCatalog.from_sources(settings.model),
            board=board,
            bus=bus,
            quotas=QuotaService(settings.quota_monthly),
            views=views,
            announcer=JobAnnouncer(views, bus),
            wake_ups=wake_ups,
        )


def make_redis(url: str) -> Redis:
    """Commands answer within seconds or fail. Subscriptions wait as long as they need: they set their own timeout."""
    return Redis.from_url(
        url,
        socket_connect_timeout=3,
        socket_timeout=5,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=2),
        retry_on_error=[RedisConnectionError],
    )


def make_services(parts: Parts) -> Services:
    settings = parts.settings
    secret = settings.require_secret()
    signing_keys = SigningKeys(
        secret,
        rotate_every=timedelta(days=settings.signing_key_days),
        tokens_live=timedelta(seconds=settings.access_token_seconds),
    )
    sessions = SessionService(
        parts.units,
        access_tokens=AccessTokens(signing_keys, lifetime_seconds=settings.access_token_seconds),
        csrf_tokens=CsrfTokens(secret),
        refresh_token_days=settings.refresh_token_days,
    )
    keys = ApiKeyService(parts.units)
    callers = CallerService(sessions, keys)
    choice = RedisOrMemory()
    accounts = AccountService(
        parts.units,
        passwords=Passwords(),
        sessions=sessions,
        guesses=GuessLimits(GuessingLimiter(parts.redis, choice)),
        device_tokens=DeviceTokens(secret),
        quotas=parts.quotas,
        registration=settings.registration,
    )
    jobs = JobService(
        parts.units,
        catalog=parts.catalog,
        quotas=parts.quotas,
        views=parts.views,
        announcer=parts.announcer,
        wake_ups=parts.wake_ups,
        max_prompt_chars=settings.max_prompt_chars,
        max_open_per_user=settings.max_queued_per_user,
        deadline_seconds=settings.job_deadline_seconds,
    )
    return Services(
        accounts=accounts,
        sessions=sessions,
        keys=keys,
        callers=callers,
        audit=AuditService(parts.units),
        limits=make_limits(parts, choice),
        jobs=jobs,
        dead_letters=DeadLetterService(parts.units, jobs=jobs, views=parts.views),
        images=ImageService(parts.units, parts.storage),
        models=ModelService(parts.catalog, parts.board, max_prompt_chars=settings.max_prompt_chars),
        events=EventService(parts.bus, parts.units, parts.views, callers),
        queue=make_queue_service(parts),
        health=HealthService(parts.units, parts.redis, parts.storage, head_revision=runner.head_revision()),
        storage=parts.storage,
    )


def make_limits(parts: Parts, choice: RedisOrMemory) -> RequestLimits:
    def limiter(name: str, per_minute: int) -> RateLimiter:
        return RateLimiter(parts.redis, choice, name=name, per_minute=per_minute)

    settings = parts.settings
    return RequestLimits(
        users=limiter("user", settings.requests_per_minute),
        organizations=limiter("organization", settings.organization_requests_per_minute),
        addresses=limiter("address", settings.address_requests_per_minute),
    )


def make_queue_service(parts: Parts) -> QueueService:
    return QueueService(
        parts.units,
        quotas=parts.quotas,
        announcer=parts.announcer,
        wake_ups=parts.wake_ups,
        max_attempts=parts.settings.max_attempts,
    )


def make_orphan_service(parts: Parts) -> OrphanService:
    return OrphanService(parts.units, parts.storage, grace_seconds=parts.settings.orphan_grace_seconds)


def make_work_service(parts: Parts, engine: Engine, worker_name: str) -> WorkService:
    settings = parts.settings
    return WorkService(
        parts.units,
        engine=engine,
        catalog=parts.catalog,
        storage=parts.storage,
        quotas=parts.quotas,
        announcer=parts.announcer,
        board=parts.board,
        worker_name=worker_name,
        lease_seconds=settings.lease_seconds,
        heartbeat_seconds=settings.heartbeat_seconds,
        max_attempts=settings.max_attempts,
        max_batch_images=settings.batch_images,
        drain_seconds=settings.drain_seconds,
        storage_patience_seconds=settings.storage_patience_seconds,
    )


def make_diffusers_engine(settings: Settings) -> Engine:
    """Imported here: only workers pay for torch."""
    from app.engine.diffusers_engine import DiffusersEngine  # noqa: PLC0415

    return DiffusersEngine(device=settings.device, threads=settings.torch_threads, model_memory=settings.model_memory)


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema. Safe to call from several processes at once."""
    runner.upgrade_to_head(settings.effective_database_owner_url, Base.metadata)


def check_drift(settings: Settings) -> None:
    """Raises when the models say something that no migration has made."""
    runner.check_drift(settings.effective_database_owner_url, Base.metadata)


async def local_access_token(settings: Settings) -> str:
    """An access token for whoever holds this installation's secret key: the command line on the same machine."""
    async with open_parts(settings) as parts:
        return (await make_services(parts).accounts.operator_sign_in()).access_token
