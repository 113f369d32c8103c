"""The part of the diffusers engine that touches torch. All of it runs in the engine's own threads.

Import this module there and nowhere else: it pulls in torch and diffusers.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline
from PIL import Image

from app.core.errors import GenerationCanceled, ModelUnavailable
from app.engine.batch_sizes import BatchSizes, Key
from app.engine.compiled import compile_parts
from app.engine.diffusers_parts import PipelineParts, Words, parts_of
from app.engine.previews import LatentDecoder, PreviewMaker, preview_decoder
from app.engine.protocol import BatchRequest, ImageRequest, ModelInfo, Progress
from app.engine.residency import DEFAULT_SHARE, GB, Residents, machine_memory, weights_size

logger = logging.getLogger(__name__)

ProgressCallback = Callable[[Progress], None]
StopCallback = Callable[[], bool]

# torch says this only in words when the processor's memory, not a GPU's, is used up.
_OUT_OF_MEMORY_WORDS = re.compile(r"not enough memory|can't allocate memory|out of memory", re.IGNORECASE)


@dataclass(slots=True)
class _LoadedModel:
    """`accepts`: the names of the pipeline's own arguments. `parts`: None when it can only be run as a whole."""

    info: ModelInfo
    pipeline: Any
    accepts: frozenset[str]
    preview: LatentDecoder | None
    parts: PipelineParts | None
    size_bytes: int


@dataclass(slots=True)
class Made:
    """What the device's turn gave: latents that are still to be decoded, or pictures."""

    pictures: list[Image.Image]
    latents: list[torch.Tensor]


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
        self.device = _resolve_device(device)
        # Results must not change where speed doesn't: half precision is for GPUs, which are built for it.
        self._dtype = torch.float16 if self.device.startswith("cuda") else torch.float32
        self._threads = threads
        self._compiles = compiles and self.device == "cpu"
        self._cache = cache
        self._batch_sizes = batch_sizes
        self._clock = time.monotonic  # of the previews' pace
        budget = round(model_memory * GB) or round(DEFAULT_SHARE * _device_memory(self.device))
        self._residents: Residents[_LoadedModel] = Residents(budget, self._free_memory)
        _silence_libraries()

    @property
    def loaded_models(self) -> frozenset[str]:
        return self._residents.ids

    def load(self, model: ModelInfo) -> None:
        """Load it, or mark it as used last. Models used longest ago make room before, not after."""
        if self._residents.find(model.id) is not None:
            return
        self._set_threads()
        expected = weights_size(Path(model.source).expanduser(), self._dtype.itemsize)
        self._residents.make_room(expected)
        try:
            self._residents.add(model.id, self._open(model))
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
        run = _Run(loaded, request, words, self.device, on_progress, should_stop, self._batch_sizes, previews)
        limit = self._batch_sizes.limit_of(key) or len(request.images)
        while True:
            try:
                return run.all_images(limit)
            except Exception as error:
                if not _is_out_of_memory(error):
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
                if not _is_out_of_memory(error):
                    raise
            self._free_memory()
            try:
                singles = [latents[at : at + 1] for latents in made.latents for at in range(len(latents))]
                return [loaded.parts.decode(single)[0] for single in singles]
            except Exception as error:
                if not _is_out_of_memory(error):
                    raise
                raise _too_large(loaded, request, self.device) from error

    def _set_threads(self) -> None:
        if self._threads:
            torch.set_num_threads(self._threads)  # holds for the calling thread only

    def _open(self, model: ModelInfo) -> _LoadedModel:
        try:
            pipeline: Any = DiffusionPipeline.from_pretrained(
                model.source, dtype=self._dtype, **_absent_safety_checker(model.source)
            )
            _check_vocabulary(pipeline)
            pipeline.set_progress_bar_config(disable=True)
            pipeline = pipeline.to(self.device)
            _lay_out(pipeline)
            size = _size_of(pipeline)
            if self._compiles:
                compile_parts(pipeline, self._cache, self._threads)
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
        return _LoadedModel(model, pipeline, accepts, preview, parts_of(pipeline), size)

    def _free_memory(self) -> None:
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()


class _Run:
    """One batch request, run whole or in parts."""

    def __init__(
        self,
        loaded: _LoadedModel,
        request: BatchRequest,
        words: Words | None,
        device: str,
        on_progress: ProgressCallback,
        should_stop: StopCallback,
        batch_sizes: BatchSizes,
        previews: PreviewMaker,
    ) -> None:
        self._loaded = loaded
        self._request = request
        self._words = words
        self._device = device
        self._batch_sizes = batch_sizes
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._last_step = 0
        self._previews = previews

    def all_images(self, at_once: int) -> Made:
        images = self._request.images
        made = Made([], [])
        for done in range(0, len(images), at_once):
            self._part(slice(done, done + at_once), made)
        return made

    def _part(self, part: slice, made: Made) -> None:
        self._stop_if_asked()
        pipeline, images, started = self._loaded.pipeline, self._request.images[part], time.perf_counter()
        with torch.inference_mode(), _predictions(pipeline) as predictions:

            def after_step(_: Any, index: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
                self._stop_if_asked()
                passes = getattr(pipeline, "num_timesteps", None) or self._request.steps
                share = (index + 1) / passes
                self._report(share, len(images), part.start, predictions.latest, tensors.get("latents"))
                return tensors

            output = pipeline(**self._arguments(part, after_step))
        self._stop_if_asked()
        self._report(1.0, len(images), part.start, None, None)
        if self._words is None:
            made.pictures += [picture.convert("RGB") for picture in output.images]
        else:
            made.latents.append(output.images)
        key = (self._request.model_id, self._request.width, self._request.height)
        pace = (time.perf_counter() - started) / len(images) / self._request.steps
        self._batch_sizes.record(key, len(images), pace)

    def _arguments(self, part: slice, after_step: Callable[..., Any]) -> dict[str, Any]:
        """What this pipeline takes of what we have: some know no negative prompt, the oldest no callback."""
        request, images = self._request, self._request.images[part]
        arguments: dict[str, Any] = {
            **(_prompts(images) if self._words is None else self._words.arguments(part)),
            "width": request.width,
            "height": request.height,
            "num_inference_steps": request.steps,
            "guidance_scale": request.guidance,
            # On the CPU wherever the model runs, so that a seed gives the same noise on every device.
            "generator": [torch.Generator("cpu").manual_seed(image.seed) for image in images],
            "output_type": "pil" if self._words is None else "latent",
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


def _prompts(images: tuple[ImageRequest, ...]) -> dict[str, Any]:
    return {
        "prompt": [image.prompt for image in images],
        # Always given, if only as "": some pipelines treat None as something else than no words, and then an
        # image would depend on whether a companion has a negative prompt.
        "negative_prompt": [image.negative_prompt or "" for image in images],
    }


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


def _lay_out(pipeline: Any) -> None:
    """Convolutions on the CPU are faster when a pixel's channels lie together; the numbers stay the same."""
    if pipeline.device.type != "cpu":
        return
    for name in ("unet", "vae"):
        if isinstance(module := getattr(pipeline, name, None), torch.nn.Module):
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _size_of(pipeline: Any) -> int:
    modules = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    tensors = (tensor for module in modules for tensor in (*module.parameters(), *module.buffers()))
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _device_memory(device: str) -> int:
    if device.startswith("cuda"):
        return int(torch.cuda.get_device_properties(device).total_memory)
    return machine_memory()


def _too_large(loaded: _LoadedModel, request: BatchRequest, device: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{loaded.info.name} at {request.width}x{request.height} does not fit into the memory of "
        f"{device}: ask for a smaller picture, or use a smaller model or a larger device."
    )


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
