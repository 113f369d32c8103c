"""The real worker, with a device that paints at once: `celery -A tests.support.painting_worker:celery_app worker`.

Everything but the model is as in production: Celery, the pool, leases, storage. A prompt may ask for trouble:
``poison`` kills the process in the middle of the job, ``slow`` takes `SLOW_SECONDS`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import celery.worker.request
from PIL import Image

from app import worker
from app.core import clock
from app.core.config import Settings
from app.core.errors import GenerationCanceled
from app.engine.protocol import BatchRequest, ModelInfo, Progress

STEP_SECONDS = float(os.environ.get("PAINTING_STEP_SECONDS", "0.02"))
SLOW_SECONDS = 6.0
AT_ONCE = 3


class PaintingEngine:
    device = "cpu"

    def __init__(self) -> None:
        self.loaded_models: frozenset[str] = frozenset()

    def images_at_once(self, model_id: str, width: int, height: int) -> int:
        return AT_ONCE

    async def load(self, model: ModelInfo) -> None:
        self.loaded_models |= {model.id}

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        return await asyncio.to_thread(self._paint, request, on_progress, should_stop)

    def _paint(
        self, request: BatchRequest, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        slow = any("slow" in image.prompt for image in request.images)
        step_seconds = SLOW_SECONDS / request.steps if slow else STEP_SECONDS
        for step in range(1, request.steps + 1):
            time.sleep(step_seconds)
            if any("poison" in image.prompt for image in request.images):
                os.kill(os.getpid(), signal.SIGKILL)
            if should_stop():
                raise GenerationCanceled("The job was canceled.")
            on_progress(Progress(step, request.steps))
        return [
            Image.new("RGB", (request.width, request.height), (image.seed % 256, image.seed // 256 % 256, 90))
            for image in request.images
        ]

    async def close(self) -> None:
        return


def make_painting_engine(_: Settings) -> PaintingEngine:
    return PaintingEngine()


assert hasattr(worker, "make_diffusers_engine"), "the worker makes its engine in another way"
worker.make_diffusers_engine = make_painting_engine

CLOCK_OFFSET = timedelta(seconds=float(os.environ.get("PAINTING_CLOCK_OFFSET", "0")))


class WrongClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + CLOCK_OFFSET


if CLOCK_OFFSET:
    # Wherever this process asks what time of day it is.
    right_time = time.time
    time.time = lambda: right_time() + CLOCK_OFFSET.total_seconds()
    celery.worker.request.datetime = WrongClock  # type: ignore[misc]
    clock.datetime = WrongClock  # type: ignore[misc]

celery_app = worker.celery_app
