"""The services of one process, built once by `bootstrap.py`."""

from __future__ import annotations

from dataclasses import dataclass

from app.integrations.storage.protocol import Storage
from app.services.accounts import AccountService
from app.services.audit import AuditService
from app.services.callers import CallerService
from app.services.dead_letters import DeadLetterService
from app.services.events import EventService
from app.services.health import HealthService
from app.services.images import ImageService
from app.services.jobs import JobService
from app.services.keys import ApiKeyService
from app.services.limits import RequestLimits
from app.services.models import ModelService
from app.services.queue import QueueService
from app.services.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Services:
    """What the edges may call."""

    accounts: AccountService
    sessions: SessionService
    keys: ApiKeyService
    callers: CallerService
    audit: AuditService
    limits: RequestLimits
    jobs: JobService
    dead_letters: DeadLetterService
    images: ImageService
    models: ModelService
    events: EventService
    queue: QueueService
    health: HealthService
    storage: Storage
