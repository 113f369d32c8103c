"""The services of one process, built once by `bootstrap/services.py`."""

from __future__ import annotations

from dataclasses import dataclass

from app.integrations.storage.protocol import Storage
from app.services.account_deletions import AccountDeletionService
from app.services.accounts import AccountService
from app.services.addresses import AddressService
from app.services.audit import AuditService
from app.services.callers import CallerService
from app.services.collections import CollectionService
from app.services.dead_letters import DeadLetterService
from app.services.events import EventService
from app.services.exports import ExportService
from app.services.health import HealthService
from app.services.identity_proofs import IdentityProofs
from app.services.images import ImageService
from app.services.invitations import InvitationService
from app.services.jobs import JobService
from app.services.keys import ApiKeyService
from app.services.limits import RequestLimits
from app.services.members import MemberService
from app.services.models import ModelService
from app.services.moderation_rules import ModerationRuleService
from app.services.organizations import OrganizationService
from app.services.oversight import OversightService
from app.services.passwords import PasswordService
from app.services.queue import QueueService
from app.services.remixes import RemixService
from app.services.second_factors import SecondFactorService
from app.services.sessions import SessionService
from app.services.share_links import ShareLinkService
from app.services.single_sign_on import SingleSignOnService
from app.services.usage import UsageService
from app.services.waiting import WaitingService


@dataclass(frozen=True, slots=True)
class Services:
    """What the edges may call."""

    accounts: AccountService
    account_deletions: AccountDeletionService
    addresses: AddressService
    passwords: PasswordService
    second_factors: SecondFactorService
    proofs: IdentityProofs
    single_sign_on: SingleSignOnService
    sessions: SessionService
    organizations: OrganizationService
    members: MemberService
    invitations: InvitationService
    usage: UsageService
    oversight: OversightService
    keys: ApiKeyService
    callers: CallerService
    audit: AuditService
    limits: RequestLimits
    jobs: JobService
    waiting: WaitingService
    dead_letters: DeadLetterService
    images: ImageService
    collections: CollectionService
    share_links: ShareLinkService
    exports: ExportService
    remixes: RemixService
    models: ModelService
    moderation: ModerationRuleService
    events: EventService
    queue: QueueService
    health: HealthService
    storage: Storage
