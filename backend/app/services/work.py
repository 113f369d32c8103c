"""What a worker does: claim → generate → store → record. Each write carries the lease; without it nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

from PIL import Image as PillowImage

from app.core import metrics
from app.core.enums import JobStage, JobStatus
from app.core.errors import DeadlinePassed, EaselError, GenerationCanceled, ModelUnavailable, StorageFull, Unavailable
from app.core.logging import bind_log_context, get_logger
from app.engine.catalog import ModelCatalog
from app.engine.protocol import Engine, ModelInfo
from app.integrations.workers import WorkerBoard, WorkerCard
from app.repositories.claims import ClaimedJob
from app.services.announcements import JobAnnouncer
from app.services.belts import Belt
from app.services.generations import Generation
from app.services.image_keeping import ImageKeeper
from app.services.job_ends import JobEnds
from app.services.moderation import ModerationService
from app.services.runs import Grace, LeaseKeeper, LeaseLost, MustYield, ProgressTeller, Run
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

CLAIM_AGAIN_SECONDS = 0.05
"""How often an idle device asks for work while the last batch is still being stored."""


UNFINISHED_PASSES = 3
"""So many passes' images in hand: on the device, waiting for it, being stored. A slow storage holds up the claim, not
memory."""


class WorkService:
    """Runs jobs on one device, batch after batch; storing one overlaps making the next."""

    def __init__(
        self,
        units: UnitsOfWork,
        *,
        engine: Engine,
        catalog: ModelCatalog,
        keeper: ImageKeeper,
        ends: JobEnds,
        announcer: JobAnnouncer,
        moderation: ModerationService,
        board: WorkerBoard,
        worker_name: str,
        lease_seconds: float,
        heartbeat_seconds: float,
        max_batch_images: int,
        drain_seconds: float,
    ) -> None:
        self._units = units
        self._engine = engine
        self._catalog = catalog
        self._keeper = keeper
        self._ends = ends
        self._announcer = announcer
        self._moderation = moderation
        self._board = board
        self._name = worker_name
        self._lease_seconds = lease_seconds
        self._leases = LeaseKeeper(units, lease_seconds=lease_seconds, heartbeat_seconds=heartbeat_seconds)
        self._teller = ProgressTeller(announcer)
        self._max_batch_images = max_batch_images
        self._drain_seconds = drain_seconds
        self._stage: str | None = "starting"
        # Wake-ups may come in any number; one of them at a time feeds the device.
        self._device = asyncio.Lock()
        self._belt = Belt(UNFINISHED_PASSES * max_batch_images)

    async def preload(self) -> None:
        """Bring the default model into memory before the first job asks for it. A failure is told by that job."""
        async with self._device:
            try:
                await self._load(self._catalog.default)
            except ModelUnavailable as error:
                log.error("model_not_loaded", model=self._catalog.default.id, detail=error.detail)
        self._stage = None

    async def announce(self, every_seconds: float = 5.0) -> None:
        """Keep the worker's card on the board until cancelled."""
        try:
            while True:
                models = tuple(sorted(self._engine.loaded_models))
                await self._board.announce(WorkerCard(self._name, self._engine.device, self._state(), models))
                await asyncio.sleep(every_seconds)
        finally:
            await self._board.withdraw(self._name)

    def _state(self) -> str:
        return self._stage or ("idle" if self._belt.is_empty() else "busy")

    async def feed(self, should_stop: Callable[[], bool]) -> int:
        """Give the device what waits, batch after batch, until nothing does, or until asked to stop.

        Returns how many jobs were begun. The last of them are still being made or stored then; what comes meanwhile
        can be fed by the next call. Asked to stop, a job is finished within `drain_seconds` or handed back.
        """
        count, grace = 0, Grace(should_stop, self._drain_seconds)
        async with self._device:
            more = True
            while more and not should_stop():
                await self._belt.room()
                if should_stop():
                    break
                jobs, more = await self._claim()
                if jobs:
                    count += len(jobs)
                    self._start([Run(job, must_yield=grace.is_over) for job in jobs])
        return count

    async def drain(self, should_stop: Callable[[], bool]) -> int:
        """Feed the device until nothing waits and all is finished, whatever comes or is handed back meanwhile."""
        count = await self.feed(should_stop)
        while await self._belt.next_finished(CLAIM_AGAIN_SECONDS):
            count += await self.feed(should_stop)
        return count

    async def rest(self) -> None:
        """Return once the device has nothing in hand. Whoever feeds it has been asked to stop."""
        async with self._device:
            await self._belt.empty()

    async def _claim(self) -> tuple[list[ClaimedJob], bool]:
        """A batch, and whether more jobs wait. Who comes after that look rings after it too."""
        jobs: list[ClaimedJob] = []
        try:
            async with self._units.claims() as claims:
                async for job in claims.claim(
                    models=[model.id for model in self._catalog],
                    loaded_models=self._engine.loaded_models,
                    worker=self._name,
                    lease_seconds=self._lease_seconds,
                    max_images=self._room_for,
                    proven=self._ends.proven,
                ):
                    jobs.append(job)  # noqa: PERF401 (kept if the next claim fails)
        except Unavailable:
            if not jobs:
                raise
            log.warning("batch_cut_short", jobs=len(jobs))
        return jobs, bool(jobs) and jobs[-1].others_wait

    def _room_for(self, first: ClaimedJob) -> int:
        """How many images of this job's kind one pass takes."""
        return min(self._max_batch_images, self._engine.images_at_once(first.model, first.width, first.height))

    def _start(self, runs: list[Run]) -> None:
        generation = Generation(self._engine, self._teller, runs, lambda: self._load_for(runs))
        images = sum(run.job.num_images for run in runs)
        self._belt.put(generation, self._run_batch(generation, runs), images)

    async def _run_batch(self, generation: Generation, runs: list[Run]) -> None:
        """Each run ends on its own, whatever becomes of the others; the leases live until the last one did."""
        async with self._leases.keep(runs):
            ends = await asyncio.gather(
                generation.run(), *(self._run(run, generation) for run in runs), return_exceptions=True
            )
        for end in ends:
            if end is not None:
                raise end

    async def _run(self, run: Run, generation: Generation) -> None:
        job = run.job
        bind_log_context(job_id=str(job.id), trace_id=job.trace_id, attempt=job.attempt)
        metrics.JOB_WAIT_SECONDS.labels(job.model).observe(job.waited_seconds)
        log.info("job_started", model=job.model, waited_seconds=round(job.waited_seconds, 3))
        try:
            await self._tell_started(run)
            pictures = await self._pictures(run, generation)
            await self._moderation.judge_pictures(job, pictures)
            kept = await self._keeper.keep(run, pictures)
            await self._ends.complete(run, kept)
        except LeaseLost:
            metrics.LEASES_LOST.inc()
            log.warning("lease_lost")
        except MustYield:
            await self._ends.give_back(run)
        except DeadlinePassed as error:
            await self._ends.end(run, JobStatus.FAILED, error)
        except GenerationCanceled:
            await self._ends.end(run, JobStatus.CANCELED)
        except ModelUnavailable as error:
            await self._ends.end(run, JobStatus.FAILED, error)
        except (Unavailable, StorageFull) as error:
            await self._ends.hand_back(run, error)
        except EaselError as error:
            await self._ends.end(run, JobStatus.FAILED, error)
        except Exception as error:
            log.exception("job_crashed", error_type=type(error).__name__)
            await self._ends.hand_back(
                run, EaselError("The model failed on this job. The log has the details.", code="engine_failed")
            )
        finally:
            run.over = True

    async def _tell_started(self, run: Run) -> None:
        try:
            if run.is_lost():  # frozen since the claim: somebody else may have told its end
                raise LeaseLost
            await self._announcer.announce(run.job, [])
        finally:
            run.announced.set()

    async def _load(self, model: ModelInfo) -> None:
        if model.id in self._engine.loaded_models:
            return
        self._stage, started = "loading", perf_counter()
        try:
            await self._engine.load(model)
        finally:
            self._stage = None
        seconds = perf_counter() - started
        metrics.MODEL_LOAD_SECONDS.labels(model.id).set(seconds)
        log.info("model_loaded", model=model.id, seconds=round(seconds, 2), device=self._engine.device)

    async def _load_for(self, runs: list[Run]) -> None:
        """The batch's model, told to the owners as a stage of its own when it takes time."""
        model_id = runs[0].job.model
        model = self._catalog.find(model_id)
        if model is None:
            raise ModelUnavailable(f"The model {model_id} is no longer offered by this studio. Choose another one.")
        if model.id not in self._engine.loaded_models:
            await self._tell_stage(runs, JobStage.LOADING)
            await self._load(model)
            await self._tell_stage(runs, JobStage.GENERATING)

    async def _tell_stage(self, runs: list[Run], stage: JobStage) -> None:
        for run in runs:
            run.stage = stage
        await self._leases.beat(runs)
        for run in runs:
            await self._teller.tell_stage(run)

    @staticmethod
    async def _pictures(run: Run, generation: Generation) -> list[PillowImage.Image]:
        try:
            return await generation.pictures(run)
        except GenerationCanceled:
            run.raise_reason()
            raise
