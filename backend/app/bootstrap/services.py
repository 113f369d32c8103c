"""The use cases, as the API offers them."""

from __future__ import annotations

from datetime import timedelta

from app.bootstrap.identity import make_identity
from app.bootstrap.parts import Parts, open_parts
from app.bootstrap.upkeep import make_mail_service, make_queue_service
from app.core.config import Settings
from app.core.security import AccessTokens, CsrfTokens
from app.core.signing import SigningKeys
from app.db.migrations import runner
from app.integrations.guessing import GuessingLimiter
from app.integrations.rate_limits import RateLimiter, RedisOrMemory
from app.services.audit import AuditService
from app.services.callers import CallerService
from app.services.collections import CollectionService
from app.services.container import Services
from app.services.dead_letters import DeadLetterService
from app.services.events import EventService
from app.services.export_views import ExportViews
from app.services.exports import ExportService
from app.services.health import HealthService
from app.services.images import ImageService
from app.services.invitations import InvitationService
from app.services.jobs import JobService
from app.services.keys import ApiKeyService
from app.services.limits import GuessLimits, RequestLimits
from app.services.members import MemberService
from app.services.misuse import Allowance, MisuseLimits
from app.services.models import ModelService
from app.services.moderation_rules import ModerationRuleService
from app.services.organizations import OrganizationService
from app.services.oversight import OversightService
from app.services.remixes import RemixService
from app.services.sessions import SessionService
from app.services.share_links import ShareLinkService
from app.services.streams import StreamSlots
from app.services.usage import UsageService
from app.services.waiting import WaitingService


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
    guesses = GuessLimits(GuessingLimiter(parts.scripts, choice))
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


async def local_access_token(settings: Settings) -> str:
    """An access token for whoever holds this installation's secret key: the command line on the same machine."""
    async with open_parts(settings) as parts:
        return (await make_services(parts).accounts.operator_sign_in()).access_token
