"""The part of the diffusers engine that touches torch. All of it runs in the engine's own threads.

Import this module there and nowhere else: it pulls in torch and diffusers.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

import torch
from PIL import Image

from app.core.errors import ModelUnavailable
from app.engine.batch_sizes import BatchSizes, Key
from app.engine.denoising import DenoisingRun, Made, ProgressCallback, StopCallback
from app.engine.diffusers_loading import LoadedModel, ModelOpener
from app.engine.diffusers_parts import Words
from app.engine.previews import PreviewMaker
from app.engine.protocol import BatchRequest, ModelInfo
from app.engine.residency import DEFAULT_SHARE, GB, Residents, weights_size
from app.engine.torch_device import device_memory, free_memory, is_out_of_memory, resolve_device

logger = logging.getLogger(__name__)


class DiffusersRuntime:
    """`load` and `denoise` are called by the device's thread only, `read` and `decode` by any."""

    def __init__(
        self,
        device: str,
        threads: int,
        model_memory: float,
        batch_sizes: BatchSizes,
        *,
        compiles: bool = True,
        cache: Path | None = None,
    ) -> None:
        """`compiles`: let OpenVINO run what it can on the processor, and keep in `cache` what it converted.

        Raises `ModelUnavailable` when the device isn't there.
        """
        self.device = resolve_device(device)
        self._threads = threads
        self._opener = ModelOpener(self.device, threads, compiles=compiles and self.device == "cpu", cache=cache)
        self._batch_sizes = batch_sizes
        self._clock = time.monotonic  # of the previews' pace
        budget = round(model_memory * GB) or round(DEFAULT_SHARE * device_memory(self.device))
        self._residents: Residents[LoadedModel] = Residents(budget, self._free_memory)

    @property
    def loaded_models(self) -> frozenset[str]:
        return self._residents.ids

    def load(self, model: ModelInfo) -> None:
        """Load it, or mark it as used last. Models used longest ago make room before, not after."""
        if self._residents.find(model.id) is not None:
            return
        self._set_threads()
        expected = weights_size(Path(model.source).expanduser(), self._opener.bytes_a_weight)
        self._residents.make_room(expected)
        try:
            self._residents.add(model.id, self._opener.open(model))
        except ModelUnavailable:
            self._free_memory()
            raise

    def read(self, request: BatchRequest) -> Words | None:
        """The batch's words as the model understands them; None when its pipeline reads them itself."""
        self._set_threads()
        with self._residents.use(request.model_id) as loaded:
            if loaded is None or loaded.parts is None:
                return None
            with torch.inference_mode():
                return loaded.parts.read(request.images)

    def denoise(
        self,
        request: BatchRequest,
        words: Words | None,
        *,
        on_progress: ProgressCallback,
        should_stop: StopCallback,
    ) -> Made:
        loaded = self._residents.find(request.model_id)
        if loaded is None:
            raise ModelUnavailable(f"The model {request.model_id!r} is not loaded on this worker.")
        self._set_threads()
        key: Key = (request.model_id, request.width, request.height)
        previews = PreviewMaker(loaded.preview, self._clock)
        run = DenoisingRun(loaded, request, words, self.device, on_progress, should_stop, self._batch_sizes, previews)
        limit = self._batch_sizes.limit_of(key) or len(request.images)
        while True:
            try:
                return run.all_images(limit)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Out of the except clause, whose traceback would keep the tensors alive.
            self._free_memory()
            if limit == 1:
                raise _too_large(loaded, request, self.device)
            limit = max(1, min(limit, len(request.images)) // 2)
            self._batch_sizes.limit(key, limit)
            logger.warning("out of memory on %s: going on with %d images at a time", self.device, limit)

    def decode(self, request: BatchRequest, made: Made) -> list[Image.Image]:
        """In the order of the request."""
        if not made.latents:
            return made.pictures
        self._set_threads()
        with self._residents.use(request.model_id) as loaded, torch.inference_mode():
            if loaded is None or loaded.parts is None:
                raise ModelUnavailable(f"The model {request.model_id!r} was unloaded before its pictures were done.")
            try:
                return [picture for latents in made.latents for picture in loaded.parts.decode(latents)]
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            self._free_memory()
            try:
                singles = [latents[at : at + 1] for latents in made.latents for at in range(len(latents))]
                return [loaded.parts.decode(single)[0] for single in singles]
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                raise _too_large(loaded, request, self.device) from error

    def _set_threads(self) -> None:
        if self._threads:
            torch.set_num_threads(self._threads)  # holds for the calling thread only

    def _free_memory(self) -> None:
        free_memory(self.device)


def _too_large(loaded: LoadedModel, request: BatchRequest, device: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{loaded.info.name} at {request.width}x{request.height} does not fit into the memory of "
        f"{device}: ask for a smaller picture, or use a smaller model or a larger device."
    )
