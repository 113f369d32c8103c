"""The part of the diffusers engine that touches torch. All of it runs in the engine's one thread.

Import this module there and nowhere else: it pulls in torch and diffusers.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline
from PIL import Image

from app.core.errors import GenerationCanceled, ModelUnavailable
from app.engine.previews import LatentDecoder, PreviewMaker, preview_decoder
from app.engine.protocol import BatchRequest, ImageRequest, ModelInfo, Progress

logger = logging.getLogger(__name__)

ProgressCallback = Callable[[Progress], None]
StopCallback = Callable[[], bool]

# torch says this only in words when the processor's memory, not a GPU's, is used up.
_OUT_OF_MEMORY_WORDS = re.compile(r"not enough memory|can't allocate memory|out of memory", re.IGNORECASE)


@dataclass(slots=True)
class _LoadedModel:
    """`accepts`: the names of the pipeline's own arguments. `batch_limits`: images that fitted, by (width, height)."""

    info: ModelInfo
    pipeline: Any
    accepts: frozenset[str]
    preview: LatentDecoder | None
    batch_limits: dict[tuple[int, int], int] = field(default_factory=dict)


class DiffusersRuntime:
    def __init__(self, device: str, threads: int, max_loaded_models: int) -> None:
        """Raises `ModelUnavailable` when the device isn't there."""
        self.device = _resolve_device(device)
        # Results must not change where speed doesn't: half precision is for GPUs, which are built for it.
        self._dtype = torch.float16 if self.device.startswith("cuda") else torch.float32
        self._max_loaded_models = max_loaded_models
        self._models: OrderedDict[str, _LoadedModel] = OrderedDict()
        if threads:
            # Holds for the calling thread, which is the engine's.
            torch.set_num_threads(threads)
        _silence_libraries()

    @property
    def loaded_models(self) -> frozenset[str]:
        return frozenset(list(self._models))

    def load(self, model: ModelInfo) -> None:
        """Load it, or mark it as used last. The model used longest ago makes room first, so that two never coexist."""
        if model.id in self._models:
            self._models.move_to_end(model.id)
            return
        while len(self._models) >= self._max_loaded_models:
            self._models.popitem(last=False)
            self._free_memory()
        try:
            self._models[model.id] = self._open(model)
        except ModelUnavailable:
            self._free_memory()
            raise

    def generate(
        self, request: BatchRequest, *, on_progress: ProgressCallback, should_stop: StopCallback
    ) -> list[Image.Image]:
        loaded = self._models.get(request.model_id)
        if loaded is None:
            raise ModelUnavailable(f"The model {request.model_id!r} is not loaded on this worker.")
        self._models.move_to_end(request.model_id)
        run = _Run(loaded, request, self.device, on_progress, should_stop)
        size = (request.width, request.height)
        limit = loaded.batch_limits.get(size, len(request.images))
        while True:
            try:
                return run.all_images(limit)
            except Exception as error:
                if not _is_out_of_memory(error):
                    raise
            # Out of the except clause, whose traceback would keep the tensors alive.
            self._free_memory()
            if limit == 1:
                raise ModelUnavailable(
                    f"{loaded.info.name} at {request.width}x{request.height} does not fit into the memory of "
                    f"{self.device}: ask for a smaller picture, or use a smaller model or a larger device."
                )
            limit = max(1, min(limit, len(request.images)) // 2)
            loaded.batch_limits[size] = limit
            logger.warning("out of memory on %s: going on with %d images at a time", self.device, limit)

    def _open(self, model: ModelInfo) -> _LoadedModel:
        try:
            pipeline: Any = DiffusionPipeline.from_pretrained(  # type: ignore[no-untyped-call]
                model.source, dtype=self._dtype, **_absent_safety_checker(model.source)
            )
            _check_vocabulary(pipeline)
            pipeline.set_progress_bar_config(disable=True)
            pipeline = pipeline.to(self.device)
            preview = _preview_or_none(pipeline)
        # Foreign files meet foreign code here: a broken model raises anything from KeyError to SafetensorError.
        except Exception as error:
            logger.exception("model %s could not be loaded from %s", model.id, model.source)
            raise ModelUnavailable(_why_not_loaded(model, error, self.device)) from error
        accepts = frozenset(inspect.signature(type(pipeline).__call__).parameters)
        if "prompt" not in accepts:
            raise ModelUnavailable(
                f"{model.source} holds a {type(pipeline).__name__}, which makes no pictures from text: "
                "set EASEL_MODEL to a text-to-image model."
            )
        return _LoadedModel(model, pipeline, accepts, preview)

    def _free_memory(self) -> None:
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()


class _Run:
    """One batch request, run whole or in parts."""

    def __init__(
        self,
        loaded: _LoadedModel,
        request: BatchRequest,
        device: str,
        on_progress: ProgressCallback,
        should_stop: StopCallback,
    ) -> None:
        self._loaded = loaded
        self._request = request
        self._device = device
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._last_step = 0
        self._previews = PreviewMaker(loaded.preview)

    def all_images(self, at_once: int) -> list[Image.Image]:
        images = self._request.images
        pictures: list[Image.Image] = []
        while len(pictures) < len(images):
            pictures += self._part(images[len(pictures) : len(pictures) + at_once], done=len(pictures))
        return pictures

    def _part(self, images: tuple[ImageRequest, ...], done: int) -> list[Image.Image]:
        self._stop_if_asked()
        pipeline = self._loaded.pipeline
        with torch.inference_mode(), _predictions(pipeline) as predictions:

            def after_step(_: Any, index: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
                self._stop_if_asked()
                passes = getattr(pipeline, "num_timesteps", None) or self._request.steps
                self._report((index + 1) / passes, len(images), done, predictions.latest, tensors.get("latents"))
                return tensors

            output = pipeline(**self._arguments(images, after_step))
        self._stop_if_asked()
        self._report(1.0, len(images), done, None, None)
        return [picture.convert("RGB") for picture in output.images]

    def _arguments(self, images: tuple[ImageRequest, ...], after_step: Callable[..., Any]) -> dict[str, Any]:
        """What this pipeline takes of what we have: some know no negative prompt, the oldest no callback."""
        request = self._request
        arguments: dict[str, Any] = {
            "prompt": [image.prompt for image in images],
            # Always given, if only as "": some pipelines treat None as something else than no words, and then an
            # image would depend on whether a companion has a negative prompt.
            "negative_prompt": [image.negative_prompt or "" for image in images],
            "width": request.width,
            "height": request.height,
            "num_inference_steps": request.steps,
            "guidance_scale": request.guidance,
            # On the CPU wherever the model runs, so that a seed gives the same noise on every device.
            "generator": [torch.Generator("cpu").manual_seed(image.seed) for image in images],
            "output_type": "pil",
            "callback_on_step_end": after_step,
        }
        return {name: value for name, value in arguments.items() if name in self._loaded.accepts}

    def _report(
        self, share: float, count: int, done: int, predicted: torch.Tensor | None, latents: torch.Tensor | None
    ) -> None:
        """`share` of this part's steps are done; tell how far the whole request is, in its own steps."""
        request = self._request
        total = len(request.images)
        step = int(request.steps * (done + share * count) / total + 1e-6)
        if step <= self._last_step:
            # A part that ran out of memory begins again; what was reported stays reported.
            return
        self._last_step = step
        source = predicted if predicted is not None else latents
        previews: tuple[Image.Image, ...] = ()
        if count == total and step < request.steps and source is not None and self._previews.due():
            previews = self._previews.make(source)
        self._on_progress(Progress(step, request.steps, previews))

    def _stop_if_asked(self) -> None:
        # Raising is the way out that leaves the pipeline usable; setting its `_interrupt` still decodes a picture.
        if self._should_stop():
            raise GenerationCanceled("The generation was stopped.")


@dataclass(slots=True)
class _Predictions:
    """The finished picture as the scheduler foresees it after a step, in latents; None when it doesn't say."""

    latest: torch.Tensor | None = None


@contextmanager
def _predictions(pipeline: Any) -> Iterator[_Predictions]:
    """Listen to the scheduler's steps. Its guess of the end is a far better preview than the noisy latents.

    Pipelines pass on no more than the latents, so we stand between them and the scheduler.
    """
    predictions = _Predictions()
    scheduler = pipeline.scheduler
    step = scheduler.step

    def listening(*arguments: Any, **options: Any) -> Any:
        result = step(*arguments, **options)
        predictions.latest = _predicted(scheduler, result)
        return result

    # Pipelines inspect the signature of `step` to see what it takes.
    listening.__signature__ = inspect.signature(step)  # type: ignore[attr-defined]
    scheduler.step = listening
    try:
        yield predictions
    finally:
        del scheduler.step


def _predicted(scheduler: Any, result: Any) -> torch.Tensor | None:
    """DDIM and Euler return (previous sample, predicted original); DPM++ and UniPC keep theirs for later steps."""
    if isinstance(result, tuple) and len(result) > 1 and isinstance(result[1], torch.Tensor):
        return result[1]
    config = scheduler.config
    if str(config.get("algorithm_type", "")).endswith("dpmsolver++") or config.get("predict_x0", False):
        outputs = getattr(scheduler, "model_outputs", None) or [None]
        return outputs[-1] if isinstance(outputs[-1], torch.Tensor) else None
    return None


def _resolve_device(device: str) -> str:
    if device == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if device.startswith("cuda"):
        index = int(device.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise ModelUnavailable(
                f"EASEL_DEVICE is {device}, but torch sees {torch.cuda.device_count()} CUDA devices here: "
                "set it to auto or cpu, or install a torch built for CUDA."
            )
        return f"cuda:{index}"
    if device == "mps" and not torch.backends.mps.is_available():
        raise ModelUnavailable("EASEL_DEVICE is mps, which this machine doesn't have: set it to auto or cpu.")
    return device


def _silence_libraries() -> None:
    """Their warnings are for people who write pipelines, and their bars would fill the logs."""
    for library in (diffusers, transformers):
        library_logging: Any = library.utils.logging
        library_logging.set_verbosity_error()
        library_logging.disable_progress_bar()


def _absent_safety_checker(source: str) -> dict[str, Any]:
    """Arguments for a model whose index names a safety checker that was not copied along."""
    directory = Path(source).expanduser()
    index = directory / "model_index.json"
    if not index.is_file() or (directory / "safety_checker").is_dir():
        return {}
    return {"safety_checker": None} if json.loads(index.read_bytes()).get("safety_checker") else {}


def _check_vocabulary(pipeline: Any) -> None:
    """Raises `ValueError` for a tokenizer that lost its words.

    transformers 5 makes a tokenizer whose file is missing with a handful of special tokens and says nothing: every
    prompt would give the same picture.
    """
    for suffix in ("", "_2", "_3"):
        tokenizer = getattr(pipeline, f"tokenizer{suffix}", None)
        encoder = getattr(pipeline, f"text_encoder{suffix}", None)
        known = getattr(getattr(encoder, "config", None), "vocab_size", None)
        if tokenizer is not None and known is not None and len(tokenizer) < known / 2:
            raise ValueError(f"tokenizer{suffix} knows {len(tokenizer)} words, its text encoder {known}")


def _preview_or_none(pipeline: Any) -> LatentDecoder | None:
    vae = getattr(pipeline, "vae", None)
    try:
        return preview_decoder(vae) if vae is not None else None
    except Exception:
        # A picture without previews beats no picture.
        logger.warning("no previews for %s", type(pipeline).__name__, exc_info=True)
        return None


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and _OUT_OF_MEMORY_WORDS.search(str(error)) is not None


def _why_not_loaded(model: ModelInfo, error: Exception, device: str) -> str:
    if _is_out_of_memory(error):
        return (
            f"{model.name} does not fit into the memory of {device}: use a smaller model or a larger device "
            "(EASEL_MODEL, EASEL_DEVICE)."
        )
    if Path(model.source).is_dir():
        return (
            f"The model in {model.source} is incomplete or broken ({type(error).__name__}): copy it again, or point "
            "EASEL_MODEL at another directory in diffusers format. The log has the details."
        )
    return (
        f"The model {model.source} could not be fetched from the hub or read ({type(error).__name__}): check its name "
        "in EASEL_MODEL and the network, or download it and set EASEL_MODEL to its directory. The log has the details."
    )
