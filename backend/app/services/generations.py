"""The device's stage: one forward pass for jobs of any users, and what becomes of each of them.

None of the jobs harms another. A canceled one is over for its owner at once; a pass that fails is repeated one by one,
so that only the job that can't be done fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import islice
from time import monotonic, perf_counter
from typing import Any
from uuid import UUID

from PIL import Image as PillowImage

from app.core import metrics
from app.core.errors import GenerationCanceled
from app.core.logging import get_logger
from app.engine.protocol import BatchRequest, Engine, ImageRequest, Progress
from app.services.runs import ProgressTeller, Run

log = get_logger(__name__)

SEED_SPACE = 2**32
HAND_OVER_SECONDS = 0.2
"""So long before a pass ends may the next one be claimed: about what claiming takes, with the database slow."""

Pictures = list[PillowImage.Image]


class Generation:
    """A batch of runs that share a forward pass. `run` makes the pictures, `pictures` waits for one run's own."""

    def __init__(
        self, engine: Engine, teller: ProgressTeller, runs: Sequence[Run], load: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """`load` brings the batch's model into memory; what it raises, every run gets."""
        self._engine = engine
        self._teller = teller
        self._runs = runs
        self._load = load
        self._results: dict[UUID, asyncio.Future[Pictures]] = {
            run.job.id: asyncio.get_running_loop().create_future() for run in runs
        }
        self._handing_over = asyncio.Event()

    async def run(self) -> None:
        """Settles every run. Raises nothing: `pictures` does."""
        try:
            loading = asyncio.create_task(self._load())
            await asyncio.wait({loading})
            if (error := loading.exception()) is not None:
                self._fail(self._runs, error)
            else:
                await self._generate(self._runs)
        finally:
            self._handing_over.set()

    async def pictures(self, run: Run) -> Pictures:
        """Raises `GenerationCanceled` as soon as the run is stopped, and whatever the engine raised for it."""
        made = self._results[run.job.id]
        stopped = asyncio.create_task(run.stopped.wait())
        either: set[asyncio.Future[Any]] = {made, stopped}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if made.done():
            return made.result()
        raise GenerationCanceled("The job was stopped while others of its batch went on.")

    async def nearly_over(self) -> None:
        """Waits until the device will be free in moments, or is."""
        await self._handing_over.wait()

    async def _generate(self, runs: Sequence[Run]) -> None:
        making = asyncio.create_task(self._one_pass(runs))
        await asyncio.wait({making})
        error = making.exception()
        if error is None:
            self._deliver(runs, making.result())
        elif len(runs) == 1 or isinstance(error, GenerationCanceled):
            self._fail(runs, error)
        else:
            log.warning("batch_failed", jobs=len(runs), error_type=type(error).__name__, exc_info=error)
            for run in runs:
                await self._generate([run])

    async def _one_pass(self, runs: Sequence[Run]) -> Pictures:
        job, started = runs[0].job, perf_counter()
        request = BatchRequest(
            model_id=job.model,
            width=job.width,
            height=job.height,
            steps=job.steps,
            guidance=job.guidance,
            images=tuple(image for run in runs for image in image_requests(run)),
        )
        watch = self._watch()
        async with self._teller.tell(runs) as tell:

            def on_progress(progress: Progress) -> None:
                watch(progress)
                tell(progress)

            pictures = await self._engine.generate(
                request, on_progress=on_progress, should_stop=lambda: all(run.should_stop() for run in runs)
            )
        metrics.JOB_RUN_SECONDS.labels(job.model, "generate").observe(perf_counter() - started)
        metrics.BATCH_IMAGES.labels(job.model).observe(len(request.images))
        return pictures

    def _watch(self) -> Callable[[Progress], None]:
        """Tells from the pace of the last step, in the engine's thread, when the pass is nearly over."""
        loop, last = asyncio.get_running_loop(), monotonic()

        def watch(progress: Progress) -> None:
            nonlocal last
            now = monotonic()
            remaining = (progress.steps - progress.step) * (now - last)
            last = now
            if remaining <= HAND_OVER_SECONDS:
                loop.call_soon_threadsafe(self._handing_over.set)

        return watch

    def _deliver(self, runs: Sequence[Run], pictures: Pictures) -> None:
        each = iter(pictures)
        for run in runs:
            self._results[run.job.id].set_result(list(islice(each, run.job.num_images)))

    def _fail(self, runs: Sequence[Run], error: BaseException) -> None:
        for run in runs:
            result = self._results[run.job.id]
            result.set_exception(error)
            result.exception()  # seen: a run that was stopped meanwhile does not ask for it


def image_requests(run: Run) -> list[ImageRequest]:
    job = run.job
    return [ImageRequest(job.prompt, job.negative_prompt, seed_of(job.seed, index)) for index in range(job.num_images)]


def seed_of(job_seed: int, index: int) -> int:
    """Each image has the seed after the one before, so that any of them can be made again alone."""
    return (job_seed + index) % SEED_SPACE
