"""The workers' way in: `celery -A app.worker:celery_app worker`.

A process that consumes the generate queue owns a device; one that consumes the maintenance queue (with beat, `-B`)
keeps the queue in order. Which one it is follows from `-Q`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from celery.signals import (
    celeryd_after_setup,
    setup_logging,
    worker_process_init,
    worker_process_shutdown,
    worker_shutting_down,
)
from prometheus_client import start_http_server

from app.bootstrap.parts import open_parts
from app.bootstrap.upkeep import (
    make_account_purge,
    make_export_work,
    make_mail_service,
    make_organization_purge,
    make_orphan_service,
    make_queue_service,
    make_trash_service,
)
from app.bootstrap.workers import make_diffusers_engine, make_doorkeeper, make_work_service, with_remote_models
from app.core.config import load_settings
from app.core.logging import configure_logging
from app.integrations.side_process import side_processes
from app.services.account_purges import AccountPurge
from app.services.deletions import OrganizationPurge
from app.services.export_work import ExportWork
from app.services.mails import MailService
from app.services.orphans import OrphanService
from app.services.queue import QueueService
from app.services.trash import TrashService
from app.services.work import WorkService
from app.tasks.app import make_celery
from app.tasks.names import GENERATE_QUEUE
from app.tasks.runtime import STOP_SECONDS, Runtime, background, stopping, worker_name
from app.tasks.shells import register_tasks

PICTURE_MODULES = ("app.services.picture_files", "app.integrations.storage.local")
"""What it takes to encode a picture and to write it."""

settings = load_settings()
celery_app = make_celery(
    settings.effective_broker_url,
    sweep_seconds=settings.sweep_seconds,
    file_sweep_seconds=settings.orphan_sweep_seconds,
    mail_seconds=settings.mail_seconds,
)


@dataclass(frozen=True, slots=True)
class Upkeep:
    queue: QueueService
    orphans: OrphanService
    deletions: OrganizationPurge
    accounts: AccountPurge
    mails: MailService
    trash: TrashService
    exports: ExportWork


@asynccontextmanager
async def open_work() -> AsyncIterator[WorkService]:
    """A device, its engine, and the service that runs jobs on it."""
    async with side_processes(PICTURE_MODULES) as aside, open_parts(settings, aside) as parts:
        engine = with_remote_models(make_diffusers_engine(settings), parts)
        work = make_work_service(parts, engine, worker_name())
        closing = asyncio.Event()
        keeper = make_doorkeeper(parts, work)
        answering = keeper.answer(lambda: stopping.is_set() or closing.is_set())
        try:
            async with background(work.announce(), work.preload(), answering):
                yield work
                # Celery knows nothing of what the bell has started: it is finished or handed back before we go.
                closing.set()
                await work.rest()
        finally:
            await engine.close()


@asynccontextmanager
async def open_upkeep() -> AsyncIterator[Upkeep]:
    async with open_parts(settings) as parts:
        yield Upkeep(
            make_queue_service(parts),
            make_orphan_service(parts),
            make_organization_purge(parts),
            make_account_purge(parts),
            make_mail_service(parts),
            make_trash_service(parts),
            make_export_work(parts),
        )


work_runtime = Runtime(open_work, stop_seconds=settings.drain_seconds + STOP_SECONDS)
upkeep_runtime = Runtime(open_upkeep)
register_tasks(celery_app, work=work_runtime, upkeep=upkeep_runtime)
consumed_queues: set[str] = set()


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging(level=settings.log_level, log_format=settings.log_format, service="worker")


@celeryd_after_setup.connect
def _remember_queues(instance: Any, **_: Any) -> None:
    # Runs before the pool forks, so that its children know.
    consumed_queues.update(instance.app.amqp.queues.consume_from)


@worker_process_init.connect
def _open_device(**_: Any) -> None:
    if GENERATE_QUEUE not in consumed_queues:
        return
    if settings.worker_metrics_port:
        start_http_server(settings.worker_metrics_port, addr="127.0.0.1")
    # The model loads while Celery connects, so that the first job finds it ready. Not waited for: the pool kills a
    # child that does not answer in time (`worker_proc_alive_timeout`), and importing torch may take longer.
    work_runtime.begin()


@worker_shutting_down.connect
def _stop_claiming(**_: Any) -> None:
    stopping.set()


@worker_process_shutdown.connect
def _close(**_: Any) -> None:
    work_runtime.stop()
    upkeep_runtime.stop()
