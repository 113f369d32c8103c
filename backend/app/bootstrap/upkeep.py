"""What is done behind the API: the queue's sweep, mails, archives, and what is removed for good."""

from __future__ import annotations

from app.bootstrap.parts import Parts
from app.core.sealing import Sealer
from app.integrations.mail.factory import make_mail_transport
from app.services.account_purges import AccountPurge
from app.services.deletions import OrganizationPurge
from app.services.export_views import ExportViews
from app.services.export_work import ExportWork
from app.services.mails import MailService
from app.services.orphans import OrphanService
from app.services.queue import QueueService
from app.services.trash import TrashService


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
