"""What a worker does: claim → generate → store → record. Each write carries the lease; without it nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, perf_counter

from PIL import Image as PillowImage

from app import __version__
from app.core import metrics
from app.core.enums import JobStage, JobStatus
from app.core.errors import DeadlinePassed, EaselError, GenerationCanceled, ModelUnavailable, StorageFull, Unavailable
from app.core.ids import new_id
from app.core.logging import bind_log_context, get_logger
from app.engine.catalog import ModelCatalog
from app.engine.imaging import EncodedImage, encode
from app.engine.png_parameters import PngParameters, format_parameters
from app.engine.protocol import Engine, ModelInfo
from app.integrations.storage.protocol import Storage, StoredObject
from app.integrations.workers import WorkerBoard, WorkerCard
from app.models import Image, ImageJob
from app.repositories.claims import ClaimedJob
from app.services.announcements import JobAnnouncer
from app.services.belts import Belt
from app.services.generations import Generation, seed_of
from app.services.job_views import PNG, WEBP
from app.services.moderation import ModerationService
from app.services.quotas import QuotaService
from app.services.runs import Grace, LeaseKeeper, ProgressTeller, Run
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

STORE_RETRY_SECONDS = 1.0
CLAIM_AGAIN_SECONDS = 0.05
"""How often an idle device asks for work while the last batch is still being stored."""


class LeaseLost(Exception):
    """Another worker has the job, or nobody: whatever we made of it does not count."""


class MustYield(Exception):
    """The worker has to stop before the job is done."""


@dataclass(frozen=True, slots=True)
class KeptImage:
    """An encoded image and where its files are."""

    encoded: EncodedImage
    file: StoredObject
    thumbnail: StoredObject
    medium: StoredObject | None


class WorkService:
    """Runs jobs on one device, batch after batch; storing one overlaps making the next."""

    def __init__(
        self,
        units: UnitsOfWork,
        *,
        engine: Engine,
        catalog: ModelCatalog,
        storage: Storage,
        quotas: QuotaService,
        announcer: JobAnnouncer,
        moderation: ModerationService,
        board: WorkerBoard,
        worker_name: str,
        lease_seconds: float,
        heartbeat_seconds: float,
        max_attempts: int,
        max_batch_images: int,
        drain_seconds: float,
        storage_patience_seconds: float,
    ) -> None:
        self._units = units
        self._engine = engine
        self._catalog = catalog
        self._storage = storage
        self._quotas = quotas
        self._announcer = announcer
        self._moderation = moderation
        self._board = board
        self._name = worker_name
        self._lease_seconds = lease_seconds
        self._leases = LeaseKeeper(units, lease_seconds=lease_seconds, heartbeat_seconds=heartbeat_seconds)
        self._teller = ProgressTeller(announcer)
        self._max_attempts = max_attempts
        self._max_batch_images = max_batch_images
        self._drain_seconds = drain_seconds
        self._storage_patience_seconds = storage_patience_seconds
        self._state = "starting"
        # A worker that finished a job since it started may be trusted with one that may have taken another worker down.
        self._proven = False
        # Wake-ups may come in any number; one of them at a time feeds the device.
        self._device = asyncio.Lock()

    async def preload(self) -> None:
        """Bring the default model into memory before the first job asks for it. A failure is told by that job."""
        async with self._device:
            try:
                await self._load(self._catalog.default)
            except ModelUnavailable as error:
                log.error("model_not_loaded", model=self._catalog.default.id, detail=error.detail)
        self._state = "idle"

    async def announce(self, every_seconds: float = 5.0) -> None:
        """Keep the worker's card on the board until cancelled."""
        try:
            while True:
                await self._board.announce(
                    WorkerCard(self._name, self._engine.device, self._state, tuple(sorted(self._engine.loaded_models)))
                )
                await asyncio.sleep(every_seconds)
        finally:
            await self._board.withdraw(self._name)

    async def drain(self, should_stop: Callable[[], bool]) -> int:
        """Run jobs until none waits, or until asked to stop. Returns how many were run.

        Asked to stop in the middle of one, it finishes within `drain_seconds` or hands the job back.
        """
        count, grace, belt = 0, Grace(should_stop, self._drain_seconds), Belt()
        async with self._device:
            try:
                while not should_stop():
                    await belt.room()
                    if should_stop():
                        break
                    if jobs := await self._claim():
                        count += len(jobs)
                        self._start(belt, [Run(job, must_yield=grace.is_over) for job in jobs])
                    elif not await belt.next_finished(CLAIM_AGAIN_SECONDS):
                        break
            finally:
                await belt.empty()
                self._state = "idle"
        return count

    async def rest(self) -> None:
        """Return once the device has nothing in hand. Whoever drains has been asked to stop."""
        async with self._device:
            self._state = "idle"

    async def _claim(self) -> list[ClaimedJob]:
        async with self._units.claims() as claims:
            return await claims.claim(
                models=[model.id for model in self._catalog],
                loaded_models=self._engine.loaded_models,
                worker=self._name,
                lease_seconds=self._lease_seconds,
                max_images=self._room_for,
                proven=self._proven,
            )

    def _room_for(self, first: ClaimedJob) -> int:
        """How many images of this job's kind one pass takes."""
        return min(self._max_batch_images, self._engine.images_at_once(first.model, first.width, first.height))

    def _start(self, belt: Belt, runs: list[Run]) -> None:
        self._state = "busy"
        generation = Generation(self._engine, self._teller, runs, lambda: self._load_for(runs))
        belt.put(generation, self._run_batch(generation, runs))

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
            kept = await self._keep(run, pictures)
            await self._record(run, kept)
        except LeaseLost:
            metrics.LEASES_LOST.inc()
            log.warning("lease_lost")
        except MustYield:
            await self._yield(run)
        except DeadlinePassed as error:
            await self._end(run, JobStatus.FAILED, error)
        except GenerationCanceled:
            await self._end(run, JobStatus.CANCELED)
        except ModelUnavailable as error:
            await self._end(run, JobStatus.FAILED, error)
        except (Unavailable, StorageFull) as error:
            await self._hand_back(run, error)
        except EaselError as error:
            await self._end(run, JobStatus.FAILED, error)
        except Exception as error:
            log.exception("job_crashed", error_type=type(error).__name__)
            await self._hand_back(
                run, EaselError("The model failed on this job. The log has the details.", code="engine_failed")
            )
        finally:
            run.over = True

    async def _tell_started(self, run: Run) -> None:
        try:
            await self._publish_state(run.job)
        finally:
            run.announced.set()

    async def _load(self, model: ModelInfo) -> None:
        if model.id in self._engine.loaded_models:
            return
        self._state, started = "loading", perf_counter()
        await self._engine.load(model)
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
        self._state = "busy"

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
            _raise_reason(run)
            raise

    async def _keep(self, run: Run, pictures: list[PillowImage.Image]) -> list[KeptImage]:
        """Encode and store. Keys follow from job and index, so that a rerun overwrites."""
        job, started = run.job, perf_counter()
        kept = []
        for index, picture in enumerate(pictures):
            encoded = await asyncio.to_thread(encode, picture, self._parameters_text(job, index, picture))
            stem = f"{job.organization_id}/images/{job.id}/{index}"
            file = await self._store(run, f"{stem}.png", encoded.png, PNG)
            thumbnail = await self._store(run, f"{stem}.thumbnail.webp", encoded.thumbnail, WEBP)
            medium = None
            if encoded.medium is not None:
                medium = await self._store(run, f"{stem}.medium.webp", encoded.medium, WEBP)
            kept.append(KeptImage(encoded, file, thumbnail, medium))
        metrics.JOB_RUN_SECONDS.labels(job.model, "store").observe(perf_counter() - started)
        return kept

    async def _store(self, run: Run, key: str, data: bytes, content_type: str) -> StoredObject:
        """A storage that is away or full for a while costs patience, not the picture."""
        deadline = monotonic() + self._storage_patience_seconds
        while True:
            if run.is_lost():  # another worker may have written this very key
                raise LeaseLost
            try:
                return await self._storage.put(key, data, content_type=content_type)
            except (Unavailable, StorageFull) as error:
                if monotonic() > deadline:
                    raise
                log.warning("store_retried", code=error.code)
            await asyncio.sleep(STORE_RETRY_SECONDS)
            if run.should_stop():
                _raise_reason(run)
                raise GenerationCanceled("Canceled while the images were being stored.")

    def _parameters_text(self, job: ClaimedJob, index: int, picture: PillowImage.Image) -> str:
        model = self._catalog.find(job.model)
        return format_parameters(
            PngParameters(
                prompt=job.prompt,
                negative_prompt=job.negative_prompt,
                steps=job.steps,
                sampler=model.scheduler if model else "",
                guidance=job.guidance,
                seed=seed_of(job.seed, index),
                width=picture.width,
                height=picture.height,
                model=job.model,
                version=f"Easel {__version__}",
            )
        )

    async def _record(self, run: Run, kept: list[KeptImage]) -> None:
        """Images, charge and status in one transaction, held by the lease."""
        started = perf_counter()
        claimed = run.job
        async with self._units.tenant(claimed.organization_id) as unit:
            job = await unit.jobs.get_locked(claimed.id)
            if job.status is not JobStatus.RUNNING or job.lease_token != claimed.lease_token:
                raise LeaseLost
            if job.cancel_requested_at is not None:
                raise GenerationCanceled("Canceled while the images were being stored.")
            images = [_image_row(job, index, each) for index, each in enumerate(kept)]
            for image in images:
                unit.images.add(image)
            await self._quotas.settle(unit, job)
            await unit.jobs.finish_running(job.id, claimed.lease_token, JobStatus.COMPLETED)
        metrics.JOB_RUN_SECONDS.labels(job.model, "record").observe(perf_counter() - started)
        metrics.IMAGES_MADE.labels(job.model).inc(len(images))
        await self._publish_end(claimed, JobStatus.COMPLETED)

    async def _end(
        self, run: Run, status: JobStatus, error: EaselError | None = None, *, dead_letter: bool = False
    ) -> None:
        """RUNNING → CANCELED or FAILED, with the refund."""
        claimed = run.job
        try:
            async with self._units.tenant(claimed.organization_id) as unit:
                ended = await unit.jobs.finish_running(
                    claimed.id,
                    claimed.lease_token,
                    status,
                    error_code=error.code if error else None,
                    error_detail=error.detail if error else None,
                    dead_letter=dead_letter,
                )
                if ended is None:
                    metrics.LEASES_LOST.inc()
                    return
                await self._quotas.refund(unit, await unit.jobs.get(claimed.id))
        except Unavailable:
            log.warning("job_end_not_recorded", status=status.value)  # the lease runs out, and the sweep ends it
            return
        await self._publish_end(claimed, status)

    async def _hand_back(self, run: Run, error: EaselError) -> None:
        """Something that may pass: another attempt, or FAILED after the last one."""
        if run.job.attempt >= self._max_attempts:
            await self._end(run, JobStatus.FAILED, error, dead_letter=True)
            return
        log.warning("job_handed_back", code=error.code)
        await self._requeue(run, forgive=False)

    async def _yield(self, run: Run) -> None:
        """The job is as good as before, and waits again at its old turn; the attempt does not count."""
        log.info("job_handed_back", code="worker_stopping")
        await self._requeue(run, forgive=True)

    async def _requeue(self, run: Run, *, forgive: bool) -> None:
        job = run.job
        with suppress(Unavailable):  # the lease runs out, and the sweep does it
            async with self._units.queue() as unit:
                await unit.queue.requeue(
                    organization_id=job.organization_id, job_id=job.id, token=job.lease_token, forgive=forgive
                )

    async def _publish_state(self, claimed: ClaimedJob) -> None:
        async with self._units.tenant(claimed.organization_id) as unit:
            job = await unit.jobs.get(claimed.id)
            images = (await unit.images.of_jobs([job.id]))[job.id]
        await self._announcer.announce(job, images)

    async def _publish_end(self, claimed: ClaimedJob, status: JobStatus) -> None:
        self._proven = True
        metrics.JOBS_FINISHED.labels(claimed.model, status.value).inc()
        log.info("job_finished", status=status.value)
        with suppress(Unavailable):
            await self._publish_state(claimed)


def _raise_reason(run: Run) -> None:
    """Why a run was stopped, unless its owner asked for it."""
    if run.is_lost():
        raise LeaseLost
    if run.overdue:
        raise DeadlinePassed
    if not run.canceled and run.must_yield():
        raise MustYield


def _image_row(job: ImageJob, index: int, kept: KeptImage) -> Image:
    return Image(
        organization_id=job.organization_id,
        id=new_id(),
        job_id=job.id,
        user_id=job.user_id,
        position=index,
        visibility=job.visibility,
        storage_key=kept.file.key,
        thumbnail_key=kept.thumbnail.key,
        medium_key=kept.medium.key if kept.medium else None,
        sha256=kept.encoded.sha256,
        size_bytes=kept.file.size,
        width=kept.encoded.width,
        height=kept.encoded.height,
        seed=seed_of(job.seed, index),
        placeholder=kept.encoded.placeholder,
        prompt=job.prompt,
        negative_prompt=job.negative_prompt,
        model=job.model,
        steps=job.steps,
        guidance=job.guidance,
    )
