"""Wake-ups by Celery. Publishing is dear and may block, so it happens in a thread of its own, and bursts become one."""

from __future__ import annotations

import asyncio
import threading

from celery import Celery
from kombu.exceptions import OperationalError

from app.core import metrics
from app.core.logging import get_logger
from app.tasks.app import make_celery
from app.tasks.names import GENERATE_QUEUE, WORK

log = get_logger(__name__)

# Far longer than clocks differ: a worker whose clock is fast takes a wake-up for expired and throws it away.
EXPIRES_SECONDS = 900
CLOSE_SECONDS = 3.0
PAUSE_SECONDS = 0.2
"""Between two bursts. The first message has woken a worker, which takes all that waits; without a pause the thread
would send one after the other in a flood, and take the interpreter from the requests. Most are woken by the bell."""


class CeleryWakeUps:
    """Sends one message per model and burst. What the broker does not take, the sweep makes up for."""

    def __init__(self, broker_url: str) -> None:
        self._celery: Celery = make_celery(broker_url)
        self._pending: set[str] = set()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self, model_id: str) -> None:
        with self._changed:
            if model_id in self._pending:
                return
            self._pending.add(model_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_forever, name="wake-ups", daemon=True)
                self._thread.start()
            self._changed.notify()

    async def close(self) -> None:
        with self._changed:
            self._closing.set()
            self._changed.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, CLOSE_SECONDS)

    def _send_forever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closing.is_set())
                models, self._pending = self._pending, set()
                if not models:
                    return
            for model_id in models:
                self._send(model_id)
            # Not at the condition: each wake-up of a flood would wake this thread too.
            self._closing.wait(PAUSE_SECONDS)

    def _send(self, model_id: str) -> None:
        try:
            self._celery.send_task(
                WORK, kwargs={"model_id": model_id}, queue=GENERATE_QUEUE, expires=EXPIRES_SECONDS, retry=False
            )
        except (OperationalError, OSError) as error:
            metrics.WAKE_UPS_FAILED.inc()
            log.warning("wake_up_not_sent", reason=type(error).__name__)
