"""The composition root: builds every part of a process once, and takes it down again in reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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
from app.core.sealing import Sealer
from app.core.security import AccessTokens, CsrfTokens, DeviceTokens
from app.core.signing import SigningKeys
from app.db.base import Base
from app.db.migrations import runner
from app.db.session import make_engine
from app.engine.catalog import ModelCatalog
from app.engine.protocol import Engine
from app.engine.remote_engine import RemoteEngine
from app.engine.switch import EngineSwitch
from app.integrations.doorbell import Doorbell
from app.integrations.events import EventBus
from app.integrations.guessing import GuessingLimiter
from app.integrations.mail.factory import make_mail_transport
from app.integrations.oidc.provider import OidcProvider
from app.integrations.outbound import OutboundClient, OutboundGuard, OutboundPolicy
from app.integrations.output_check import HttpOutputChecker
from app.integrations.rate_limits import RateLimiter, RedisOrMemory
from app.integrations.scripts import ScriptLine
from app.integrations.storage.factory import make_storage
from app.integrations.storage.protocol import Storage
from app.integrations.workers import WorkerBoard
from app.services.account_deletions import AccountDeletionService
from app.services.account_purges import AccountPurge
from app.services.accounts import AccountService
from app.services.addresses import AddressService
from app.services.announcements import JobAnnouncer
from app.services.audit import AuditService
from app.services.callers import CallerService
from app.services.collections import CollectionService
from app.services.container import Services
from app.services.dead_letters import DeadLetterService
from app.services.deletions import OrganizationPurge
from app.services.doors import Doorkeeper, RingFirst
from app.services.events import EventService
from app.services.export_views import ExportViews
from app.services.export_work import ExportWork
from app.services.exports import ExportService
from app.services.external_accounts import ExternalAccounts
from app.services.health import HealthService
from app.services.identity_proofs import IdentityProofs
from app.services.image_keeping import ImageKeeper
from app.services.images import ImageService
from app.services.invitations import InvitationService
from app.services.job_ends import JobEnds
from app.services.job_views import JobViews
from app.services.jobs import JobService
from app.services.keys import ApiKeyService
from app.services.limits import GuessLimits, RequestLimits
from app.services.mails import MailService
from app.services.members import MemberService
from app.services.misuse import Allowance, MisuseLimits
from app.services.models import ModelService
from app.services.moderation import ModerationService
from app.services.moderation_rules import ModerationRuleService
from app.services.organizations import OrganizationService
from app.services.orphans import OrphanService
from app.services.oversight import OversightService
from app.services.passwords import PasswordService
from app.services.queue import QueueService
from app.services.quotas import QuotaService
from app.services.remixes import RemixService
from app.services.second_factors import Parts as SecondFactorParts
from app.services.second_factors import SecondFactorService
from app.services.sessions import SessionService
from app.services.share_links import ShareLinkService
from app.services.single_sign_on import SingleSignOnService
from app.services.streams import StreamSlots
from app.services.trash import TrashService
from app.services.unit_of_work import UnitsOfWork
from app.services.usage import UsageService
from app.services.waiting import WaitingService
from app.services.wake_ups import WakeUps
from app.services.work import WorkService
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
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Connect lazily: nothing here fails because a server is away at this moment."""
    async with AsyncExitStack() as stack:
        engine = make_engine(settings.database_url, pool_size=settings.database_pool_size)
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
        units, storage, board = UnitsOfWork(engine), make_storage(settings), WorkerBoard(redis)
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
        idle_days=settings.session_idle_days,
    )
    keys = ApiKeyService(parts.units)
    callers = CallerService(sessions, keys)
    choice = RedisOrMemory()
    guesses = GuessLimits(GuessingLimiter(parts.redis, choice))
    invitations = InvitationService(
        parts.units, mails=make_mail_service(parts), guesses=guesses, public_url=settings.public_url
    )
    identity = make_identity(parts, sessions, invitations, guesses)
    jobs = JobService(
        parts.units,
        catalog=parts.catalog,
        quotas=parts.quotas,
        views=parts.views,
        announcer=parts.announcer,
        moderation=parts.moderation,
        wake_ups=parts.wake_ups,
        max_prompt_chars=settings.max_prompt_chars,
        deadline_seconds=settings.job_deadline_seconds,
    )
    return Services(
        accounts=identity.accounts,
        account_deletions=identity.account_deletions,
        addresses=identity.addresses,
        passwords=identity.passwords,
        second_factors=identity.second_factors,
        proofs=identity.proofs,
        single_sign_on=identity.single_sign_on,
        sessions=sessions,
        organizations=OrganizationService(
            parts.units,
            proofs=identity.proofs,
            registration=settings.registration,
            grace=timedelta(hours=settings.deletion_grace_hours),
        ),
        members=MemberService(parts.units, sessions=sessions),
        invitations=invitations,
        oversight=OversightService(parts.units, parts.board),
        usage=UsageService(
            parts.units, quotas=parts.quotas, longest_job=timedelta(seconds=settings.job_deadline_seconds)
        ),
        keys=keys,
        callers=callers,
        audit=AuditService(parts.units),
        limits=make_limits(parts, choice),
        jobs=jobs,
        waiting=WaitingService(jobs, parts.bus, wait_seconds=settings.wait_seconds),
        dead_letters=DeadLetterService(parts.units, jobs=jobs, views=parts.views),
        images=ImageService(parts.units, parts.storage),
        collections=CollectionService(parts.units, parts.storage),
        share_links=ShareLinkService(
            parts.units, parts.storage, public_url=settings.public_url, secret=settings.require_secret()
        ),
        exports=ExportService(parts.units, parts.storage, ExportViews(settings.require_secret())),
        remixes=RemixService(parts.catalog),
        moderation=ModerationRuleService(parts.units, parts.moderation, parts.outbound),
        models=ModelService(parts.catalog, parts.board, max_prompt_chars=settings.max_prompt_chars),
        events=EventService(
            parts.bus,
            parts.units,
            parts.views,
            callers,
            StreamSlots(per_user=settings.streams_per_user, in_all=settings.streams),
        ),
        queue=make_queue_service(parts),
        health=HealthService(parts.units, parts.redis, parts.storage, head_revision=runner.head_revision()),
        storage=parts.storage,
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """The services that know who somebody is."""

    accounts: AccountService
    account_deletions: AccountDeletionService
    addresses: AddressService
    passwords: PasswordService
    second_factors: SecondFactorService
    proofs: IdentityProofs
    single_sign_on: SingleSignOnService


def make_identity(
    parts: Parts, sessions: SessionService, invitations: InvitationService, guesses: GuessLimits
) -> Identity:
    settings, units, hashing = parts.settings, parts.units, Passwords()
    secret, public_url, mails = settings.require_secret(), settings.public_url, make_mail_service(parts)
    addresses = AddressService(units, mails=mails, guesses=guesses, public_url=public_url)
    passwords = PasswordService(
        units, passwords=hashing, sessions=sessions, guesses=guesses, mails=mails, public_url=public_url
    )
    second_factors = SecondFactorService(
        units, SecondFactorParts(passwords, sessions, guesses, mails), secret=secret, public_url=public_url
    )
    accounts = AccountService(
        units,
        passwords=hashing,
        sessions=sessions,
        invitations=invitations,
        addresses=addresses,
        second_factors=second_factors,
        guesses=guesses,
        device_tokens=DeviceTokens(secret),
        quotas=parts.quotas,
        registration=settings.registration,
        sign_in_services=settings.oidc_providers,
    )
    single_sign_on = SingleSignOnService(
        units,
        providers=parts.oidc_providers,
        accounts=ExternalAccounts(units, sessions=sessions),
        sessions=sessions,
        secret=secret,
        public_url=public_url,
    )
    proofs = IdentityProofs(units, passwords=passwords, second_factors=second_factors)
    account_deletions = AccountDeletionService(
        units,
        proofs=proofs,
        sessions=sessions,
        mails=mails,
        grace=timedelta(hours=settings.deletion_grace_hours),
        public_url=public_url,
    )
    return Identity(accounts, account_deletions, addresses, passwords, second_factors, proofs, single_sign_on)


def make_limits(parts: Parts, choice: RedisOrMemory) -> RequestLimits:
    settings = parts.settings
    return RequestLimits(
        RateLimiter(parts.scripts, choice),
        a_user=settings.requests_per_minute,
        an_organization=settings.organization_requests_per_minute,
        an_address=settings.address_requests_per_minute,
    )


def make_misuse_limits(settings: Settings) -> MisuseLimits:
    return MisuseLimits(
        a_caller=Allowance(settings.refusals_per_minute, settings.waiting_requests),
        an_address=Allowance(settings.address_refusals_per_minute, settings.address_waiting_requests),
    )


def make_queue_service(parts: Parts) -> QueueService:
    return QueueService(
        parts.units,
        quotas=parts.quotas,
        announcer=parts.announcer,
        wake_ups=parts.messages,  # whether or not the bell is heard
        max_attempts=parts.settings.max_attempts,
    )


def make_organization_purge(parts: Parts) -> OrganizationPurge:
    return OrganizationPurge(parts.units, parts.storage, quotas=parts.quotas)


def make_account_purge(parts: Parts) -> AccountPurge:
    return AccountPurge(parts.units, parts.storage, quotas=parts.quotas, mails=make_mail_service(parts))


def make_orphan_service(parts: Parts) -> OrphanService:
    return OrphanService(parts.units, parts.storage, grace_seconds=parts.settings.orphan_grace_seconds)


def make_mail_service(parts: Parts) -> MailService:
    return MailService(
        parts.units,
        transport=make_mail_transport(parts.settings),
        sealer=Sealer(parts.settings.require_secret(), "mails"),
        sender=parts.settings.mail_from,
    )


def make_export_work(parts: Parts) -> ExportWork:
    return ExportWork(
        parts.units,
        parts.storage,
        parts.bus,
        ExportViews(parts.settings.require_secret()),
        keep_seconds=parts.settings.export_keep_seconds,
        max_attempts=parts.settings.max_attempts,
    )


def make_trash_service(parts: Parts) -> TrashService:
    return TrashService(parts.units, parts.storage, keep_seconds=parts.settings.undo_delete_seconds)


def make_work_service(parts: Parts, engine: Engine, worker_name: str) -> WorkService:
    settings = parts.settings
    return WorkService(
        parts.units,
        engine=engine,
        catalog=parts.catalog,
        keeper=ImageKeeper(parts.storage, parts.catalog, patience_seconds=settings.storage_patience_seconds),
        ends=JobEnds(parts.units, parts.quotas, parts.announcer, parts.wake_ups, max_attempts=settings.max_attempts),
        announcer=parts.announcer,
        moderation=parts.moderation,
        board=parts.board,
        worker_name=worker_name,
        lease_seconds=settings.lease_seconds,
        heartbeat_seconds=settings.heartbeat_seconds,
        max_batch_images=settings.batch_images,
        drain_seconds=settings.drain_seconds,
    )


def make_doorkeeper(parts: Parts, work: WorkService) -> Doorkeeper:
    return Doorkeeper(parts.bell, work, parts.catalog)


def make_diffusers_engine(settings: Settings) -> Engine:
    """Imported here: only workers pay for torch."""
    from app.engine.diffusers_engine import DiffusersEngine  # noqa: PLC0415

    return DiffusersEngine(
        device=settings.device,
        threads=settings.torch_threads,
        model_memory=settings.model_memory,
        compiles=settings.cpu_runtime == "auto",
        cache=settings.home / "cache" / "compiled",
    )


def with_remote_models(local: Engine, parts: Parts) -> Engine:
    """The engine for all models of the catalogue: `local`, and beside it one for those that other servers run."""
    remote_ids = {model.id for model in parts.catalog if model.remote is not None}
    if not remote_ids:
        return local
    remote = RemoteEngine(parts.settings.find_remote_key)
    return EngineSwitch(local, remote, remote_ids, all_remote=len(remote_ids) == len(parts.catalog))


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
