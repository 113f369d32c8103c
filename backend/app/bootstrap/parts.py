"""What every process is made of, built once and taken down again in reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from app.core.config import Settings
from app.db.session import make_engine
from app.engine.catalog import ModelCatalog
from app.integrations.doorbell import Doorbell
from app.integrations.events import EventBus
from app.integrations.oidc.provider import OidcProvider
from app.integrations.outbound import OutboundClient, OutboundGuard, OutboundPolicy
from app.integrations.output_check import HttpOutputChecker
from app.integrations.scripts import ScriptLine
from app.integrations.side_process import Aside
from app.integrations.storage.factory import make_storage
from app.integrations.storage.protocol import Storage
from app.integrations.workers import WorkerBoard
from app.services.announcements import JobAnnouncer
from app.services.doors import RingFirst
from app.services.job_views import JobViews
from app.services.moderation import ModerationService
from app.services.quotas import QuotaService
from app.services.unit_of_work import UnitsOfWork, open_units
from app.services.wake_ups import WakeUps
from app.tasks.wake_ups import CeleryWakeUps


@dataclass(frozen=True, slots=True)
class Parts:
    """What services are made of; shared by API, workers and upkeep."""

    settings: Settings
    units: UnitsOfWork
    redis: Redis
    scripts: ScriptLine
    storage: Storage
    catalog: ModelCatalog
    board: WorkerBoard
    bus: EventBus
    quotas: QuotaService
    views: JobViews
    announcer: JobAnnouncer
    wake_ups: WakeUps
    messages: WakeUps
    bell: Doorbell
    oidc_providers: Mapping[str, OidcProvider]
    outbound: OutboundClient
    moderation: ModerationService


@asynccontextmanager
async def open_parts(settings: Settings, aside: Aside | None = None) -> AsyncIterator[Parts]:
    """Connect lazily: nothing here fails because a server is away at this moment.

    `aside` is where pictures are encoded and stored; in threads, unless told.
    """
    async with AsyncExitStack() as stack:
        half = settings.database_pool_size // 2
        engine = make_engine(settings.database_url, pool_size=settings.database_pool_size - half)
        stack.push_async_callback(engine.dispose)
        redis = make_redis(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        scripts = ScriptLine(redis)
        stack.push_async_callback(scripts.close)
        messages, bell = CeleryWakeUps(settings.effective_broker_url), Doorbell(redis, scripts)
        stack.push_async_callback(bell.close)
        stack.push_async_callback(messages.close)
        wake_ups = RingFirst(bell, messages)
        stack.push_async_callback(wake_ups.close)
        units = await stack.enter_async_context(open_units(engine, driver_connections=half))
        storage, board = make_storage(settings, aside), WorkerBoard(redis)
        bus = EventBus(redis, scripts)
        stack.push_async_callback(bus.close)
        oidc_providers = {each.name: OidcProvider(each) for each in settings.oidc_providers}
        for provider in oidc_providers.values():
            stack.push_async_callback(provider.close)
        outbound = OutboundClient(make_outbound_guard(settings))
        stack.push_async_callback(outbound.close)
        views = JobViews(units, storage, board)
        yield Parts(
            settings=settings,
            units=units,
            redis=redis,
            scripts=scripts,
            storage=storage,
            catalog=ModelCatalog.from_sources(settings.model),
            board=board,
            bus=bus,
            quotas=QuotaService(settings.quota_monthly, max_open_per_user=settings.max_queued_per_user),
            views=views,
            announcer=JobAnnouncer(views, bus),
            wake_ups=wake_ups,
            messages=messages,
            bell=bell,
            oidc_providers=oidc_providers,
            outbound=outbound,
            moderation=ModerationService(units, HttpOutputChecker(outbound), secret=settings.require_secret()),
        )


def make_outbound_guard(settings: Settings) -> OutboundGuard:
    """For every URL that a user may set."""
    return OutboundGuard(OutboundPolicy(settings.outbound_allowed, frozenset(settings.outbound_ports)))


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
