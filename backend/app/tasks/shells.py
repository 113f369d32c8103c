"""The Celery tasks. Each calls one service and holds no logic."""

from __future__ import annotations

from celery import Celery

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.tasks.names import EXPORTS, PURGE, SEND_MAILS, SWEEP, SWEEP_FILES, WORK
from app.tasks.runtime import Runtime, stopping

log = get_logger(__name__)


def register_tasks(celery: Celery, *, work: Runtime, upkeep: Runtime) -> None:
    """`work` opens a `WorkService`, `upkeep` an `Upkeep`; each is started by the first task that needs it."""

    @celery.task(name=WORK)
    def run_waiting_jobs(model_id: str) -> None:  # noqa: ARG001 (a worker takes whatever it can run; the name is for routing)
        try:
            work.call(work.started().drain(stopping.is_set))
        except Unavailable as error:
            log.warning("claim_failed", code=error.code)  # the sweep wakes us again

    @celery.task(name=SWEEP)
    def sweep() -> None:
        try:
            upkeep.call(upkeep.started().queue.sweep())
        except Unavailable as error:
            log.warning("sweep_failed", code=error.code)  # beat comes again

    @celery.task(name=EXPORTS)
    def make_exports() -> None:
        # Not waited for: an archive may take minutes. The next one begins while this one is made only elsewhere.
        upkeep.spawn(upkeep.started().exports.run_waiting())

    @celery.task(name=SWEEP_FILES)
    def sweep_files() -> None:
        # Not waited for: it may take minutes, and leases are looked after by the same process.
        upkeep.spawn(upkeep.started().orphans.sweep())
        upkeep.spawn(upkeep.started().trash.empty())
        upkeep.spawn(upkeep.started().exports.sweep())

    @celery.task(name=PURGE)
    def purge() -> None:
        # Resumable, and not waited for. First people: an organisation that nobody is left in goes with them.
        upkeep.spawn(upkeep.started().accounts.purge_due())
        upkeep.spawn(upkeep.started().deletions.purge_due())

    @celery.task(name=SEND_MAILS)
    def send_mails() -> None:
        upkeep.spawn(upkeep.started().mails.deliver())  # not waited for either: a mail server may be slow
