"""The real worker with a device that does nothing: `celery -A bench.lib.no_op_worker:celery_app worker`.

Everything but the model is as in production. Every image is the same few pixels, so that encoding costs little too.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from app import worker
from app.core.config import Settings
from app.engine.protocol import BatchRequest, ModelInfo, Progress

AT_ONCE = 8
SIDE = 64


class NoOpEngine:
    device = "cpu"

    def __init__(self) -> None:
        self.loaded_models: frozenset[str] = frozenset()
        self._picture = Image.new("RGB", (SIDE, SIDE), (200, 40, 40))

    def images_at_once(self, model_id: str, width: int, height: int) -> int:  # noqa: ARG002 (the protocol's)
        return AT_ONCE

    async def load(self, model: ModelInfo) -> None:
        self.loaded_models |= {model.id}

    async def generate(
        self,
        request: BatchRequest,
        *,
        on_progress: Callable[[Progress], None],  # noqa: ARG002
        should_stop: Callable[[], bool],  # noqa: ARG002
    ) -> list[Image.Image]:
        return [self._picture] * len(request.images)

    async def close(self) -> None:
        return


def make_no_op_engine(_: Settings) -> NoOpEngine:
    return NoOpEngine()


assert hasattr(worker, "make_diffusers_engine"), "the worker makes its engine in another way"
worker.make_diffusers_engine = make_no_op_engine

celery_app = worker.celery_app
