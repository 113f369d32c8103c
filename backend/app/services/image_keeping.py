"""From pictures to files: encoded, and stored under keys that follow from the job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter

from PIL import Image as PillowImage

from app import __version__
from app.core import metrics
from app.core.errors import GenerationCanceled, StorageFull, Unavailable
from app.core.logging import get_logger
from app.engine.catalog import ModelCatalog
from app.engine.png_parameters import PngParameters, format_parameters
from app.integrations.storage.protocol import NewObject, Storage, StoredObject
from app.repositories.claims import ClaimedJob
from app.services.generations import seed_of
from app.services.picture_files import PictureFacts, make_picture_files
from app.services.runs import LeaseLost, Run

log = get_logger(__name__)

STORE_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class KeptImage:
    """What is known of an image, and where its files are."""

    facts: PictureFacts
    file: StoredObject
    thumbnail: StoredObject
    medium: StoredObject | None


class ImageKeeper:
    def __init__(self, storage: Storage, catalog: ModelCatalog, *, patience_seconds: float) -> None:
        """`patience_seconds`: for so long a storage that is away or full is asked again."""
        self._storage = storage
        self._catalog = catalog
        self._patience_seconds = patience_seconds

    async def keep(self, run: Run, pictures: list[PillowImage.Image]) -> list[KeptImage]:
        """Encode and store. Keys follow from job and index, so that a rerun overwrites."""
        job, started = run.job, perf_counter()
        kept = []
        for index, picture in enumerate(pictures):
            stem = f"{job.organization_id}/images/{job.id}/{index}"
            make = partial(make_picture_files, picture, self._parameters_text(job, index, picture), stem)
            facts, (file, thumbnail, *medium) = await self._store(run, make)
            kept.append(KeptImage(facts, file, thumbnail, medium[0] if medium else None))
        metrics.JOB_RUN_SECONDS.labels(job.model, "store").observe(perf_counter() - started)
        return kept

    async def _store(
        self, run: Run, make: Callable[..., tuple[PictureFacts, list[NewObject]]]
    ) -> tuple[PictureFacts, list[StoredObject]]:
        """A storage that is away or full for a while costs patience, not the picture."""
        deadline = monotonic() + self._patience_seconds
        while True:
            if run.is_lost():  # another worker may have written these very keys
                raise LeaseLost
            try:
                return await self._storage.put_made(partial(make, before=run.lease_ends))
            except (Unavailable, StorageFull) as error:
                if monotonic() > deadline:
                    raise
                log.warning("store_retried", code=error.code)
            await asyncio.sleep(STORE_RETRY_SECONDS)
            if run.should_stop():
                run.raise_reason()
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
