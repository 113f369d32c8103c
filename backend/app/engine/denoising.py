"""One turn on the device: denoising a batch, step by step, with progress, previews and a way to stop."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from app.core.errors import GenerationCanceled
from app.engine.batch_sizes import BatchSizes
from app.engine.diffusers_loading import LoadedModel
from app.engine.diffusers_parts import Words
from app.engine.previews import PreviewMaker
from app.engine.protocol import BatchRequest, ImageRequest, Progress

ProgressCallback = Callable[[Progress], None]
StopCallback = Callable[[], bool]


@dataclass(slots=True)
class Made:
    """What the device's turn gave: latents that are still to be decoded, or pictures."""

    pictures: list[Image.Image]
    latents: list[torch.Tensor]


class DenoisingRun:
    """One batch request, run whole or in parts."""

    def __init__(
        self,
        loaded: LoadedModel,
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
