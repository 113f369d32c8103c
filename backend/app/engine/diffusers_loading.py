"""Opening a model that is in diffusers format, whoever made it: checked, laid out for its device, and measured."""

from __future__ import annotations

import inspect
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline

from app.core.errors import ModelUnavailable
from app.engine.compiled import compile_parts
from app.engine.diffusers_parts import PipelineParts, parts_of
from app.engine.previews import LatentDecoder, preview_decoder
from app.engine.protocol import ModelInfo
from app.engine.torch_device import is_out_of_memory

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class LoadedModel:
    """`accepts`: the names of the pipeline's own arguments. `parts`: None when it can only be run as a whole."""

    info: ModelInfo
    pipeline: Any
    accepts: frozenset[str]
    preview: LatentDecoder | None
    parts: PipelineParts | None
    size_bytes: int


class ModelOpener:
    """Opens models on one device."""

    def __init__(self, device: str, threads: int, *, compiles: bool, cache: Path | None) -> None:
        """`compiles`: let OpenVINO run what it can, and keep in `cache` what it converted."""
        self._device = device
        # Results must not change where speed doesn't: half precision is for GPUs, which are built for it.
        self._dtype = torch.float16 if device.startswith("cuda") else torch.float32
        self._threads = threads
        self._compiles = compiles
        self._cache = cache
        _silence_libraries()

    @property
    def bytes_a_weight(self) -> int:
        return self._dtype.itemsize

    def open(self, model: ModelInfo) -> LoadedModel:
        """Raises `ModelUnavailable`, which says what to do."""
        try:
            pipeline: Any = DiffusionPipeline.from_pretrained(
                model.source, dtype=self._dtype, **_absent_safety_checker(model.source)
            )
            _check_vocabulary(pipeline)
            pipeline.set_progress_bar_config(disable=True)
            pipeline = pipeline.to(self._device)
            _lay_out(pipeline)
            size = _size_of(pipeline)
            if self._compiles:
                compile_parts(pipeline, self._cache, self._threads)
            preview = _preview_or_none(pipeline)
        # Foreign files meet foreign code here: a broken model raises anything from KeyError to SafetensorError.
        except Exception as error:
            logger.exception("model %s could not be loaded from %s", model.id, model.source)
            raise ModelUnavailable(_why_not_loaded(model, error, self._device)) from error
        accepts = frozenset(inspect.signature(type(pipeline).__call__).parameters)
        if "prompt" not in accepts:
            raise ModelUnavailable(
                f"{model.source} holds a {type(pipeline).__name__}, which makes no pictures from text: "
                "set EASEL_MODEL to a text-to-image model."
            )
        return LoadedModel(model, pipeline, accepts, preview, parts_of(pipeline), size)


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


def _why_not_loaded(model: ModelInfo, error: Exception, device: str) -> str:
    if is_out_of_memory(error):
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
