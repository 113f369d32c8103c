"""What a model is and allows, read from its small JSON files; no weight is touched and no torch imported.

A model is a directory in diffusers format, a hub id, or the address of another server's (`remote_models.py`). Beside
diffusers' own `model_index.json` a directory may hold an `easel.json` that says what its maker knows better than we can
guess; every key is optional::

    {"id": "easel-small", "name": "Easel Small", "description": "Small pictures of everyday things.",
     "default_width": 64, "default_height": 64, "default_steps": 30, "default_guidance": 4.0,
     "min_steps": 4, "max_steps": 100, "min_guidance": 1.0, "max_guidance": 15.0,
     "max_images": 8, "max_prompt_tokens": 16,
     "sizes": [[64, 64]],                                             either the sizes it was trained for
     "min_width": 64, "max_width": 128, "min_height": 64, "max_height": 128, "multiple_of": 8}      or bounds

Keys that we don't know are left alone: a card may be written for a newer Easel.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import ModelUnavailable
from app.engine.protocol import ModelDefaults, ModelInfo, ModelLimits
from app.engine.remote_models import RemoteModel, is_remote

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

# What holds for Stable Diffusion when the files don't say otherwise.
TYPICAL_STEPS = 30
TYPICAL_GUIDANCE = 7.5
TYPICAL_MAX_STEPS = 150
TYPICAL_MAX_GUIDANCE = 50.0
TYPICAL_MAX_IMAGES = 8
TYPICAL_SIDE = 512
TYPICAL_SCALE_FACTOR = 8
# What OpenAI's image models make.
REMOTE_SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))

# What AUTOMATIC1111 and its readers call the same algorithms.
KNOWN_SCHEDULERS = {
    "DPMSolverMultistep": "DPM++ 2M",
    "DPMSolverSinglestep": "DPM++ 2S",
    "EulerAncestral": "Euler a",
    "PNDM": "PLMS",
    "UniPCMultistep": "UniPC",
}


class _Card(BaseModel):
    """`easel.json`."""

    model_config = ConfigDict(extra="ignore")

    id: str | None = Field(default=None, min_length=1, max_length=200)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    description: str = Field(default="", max_length=1000)
    default_width: int | None = Field(default=None, gt=0)
    default_height: int | None = Field(default=None, gt=0)
    default_steps: int | None = Field(default=None, gt=0)
    default_guidance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    min_steps: int = Field(default=1, gt=0)
    max_steps: int | None = Field(default=None, gt=0)
    min_guidance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    max_guidance: float = Field(default=TYPICAL_MAX_GUIDANCE, ge=0, allow_inf_nan=False)
    max_prompt_tokens: int | None = Field(default=None, gt=0)
    max_images: int | None = Field(default=None, gt=0)
    min_width: int | None = Field(default=None, gt=0)
    max_width: int | None = Field(default=None, gt=0)
    min_height: int | None = Field(default=None, gt=0)
    max_height: int | None = Field(default=None, gt=0)
    multiple_of: int | None = Field(default=None, gt=0)
    sizes: tuple[tuple[int, int], ...] = ()
    remote: str | None = Field(default=None, max_length=1000)
    parameters: frozenset[Literal["seed", "steps", "guidance", "negative_prompt"]] | None = None
    extra: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Configs:
    """The parts of a model's own files that tell its size; empty where unknown."""

    index: dict[str, Any]
    denoiser: dict[str, Any]
    vae: dict[str, Any]


def describe(source: str) -> ModelInfo:
    """What the files of one model say. Raises `ModelUnavailable`.

    A hub model that isn't in the local cache yet gets typical figures: loading it will download it.
    """
    if is_remote(source):
        return _describe_remote(source, _Card(remote=source))
    directory = Path(source).expanduser()
    if directory.is_dir():
        return _describe_directory(directory.absolute())
    if _looks_like_hub_id(source):
        return _describe_hub(source)
    raise ModelUnavailable(
        f"There is no model at {source}: set EASEL_MODEL to a directory in diffusers format "
        "(one that holds model_index.json), to a hub id such as owner/name, or to openai+https://HOST/v1#MODEL."
    )


def _looks_like_hub_id(source: str) -> bool:
    # "model/small" may be either. Where the folder "model" exists, a person meant a directory and mistyped it.
    return HUB_ID.fullmatch(source) is not None and not Path(source).parent.is_dir()


def _describe_remote(source: str, card: _Card) -> ModelInfo:
    """What a server can do, it does not say: the card does, and else what is typical of its kind.

    A server that takes no steps or no guidance has one value of each, and refuses the others like any model would.
    """
    remote = RemoteModel.parse(card.remote or "")
    if card.parameters is not None:
        remote = replace(remote, parameters=card.parameters)
    remote = replace(remote, extra=card.extra)
    bounds = (card.min_width, card.max_width, card.min_height, card.max_height, card.default_width, card.default_height)
    if not card.sizes and not any(bounds) and "steps" not in remote.parameters:
        card = card.model_copy(update={"sizes": REMOTE_SIZES})
    model = _model(source, remote.name, card, _Configs({}, {}, {}))
    steps, guidance = model.defaults.steps, model.defaults.guidance
    limits = replace(model.limits, negative_prompt="negative_prompt" in remote.parameters)
    if "steps" not in remote.parameters:
        limits = replace(limits, min_steps=steps, max_steps=steps)
    if "guidance" not in remote.parameters:
        limits = replace(limits, min_guidance=guidance, max_guidance=guidance)
    return replace(model, limits=limits, remote=remote)


def _describe_directory(directory: Path) -> ModelInfo:
    card = _read_card(directory / "easel.json")
    if card.remote is not None:
        return _describe_remote(str(directory), card)
    index = _read_json(directory / "model_index.json")
    if index is None:
        raise ModelUnavailable(
            f"{directory} holds no model_index.json, so it is no diffusers model: point EASEL_MODEL at the directory "
            "that does (it has folders such as unet, vae and scheduler beside it)."
        )
    denoiser = _read_json(directory / "unet" / "config.json") or _read_json(directory / "transformer" / "config.json")
    vae = _read_json(directory / "vae" / "config.json")
    return _model(str(directory), directory.name, card, _Configs(index, denoiser or {}, vae or {}))


def _describe_hub(hub_id: str) -> ModelInfo:
    configs = {}
    for name in ("model_index.json", "unet/config.json", "transformer/config.json", "vae/config.json"):
        cached = _cached_hub_file(hub_id, name)
        configs[name] = (_read_json(cached) if cached else None) or {}
    index, unet, transformer, vae = configs.values()
    return _model(hub_id, hub_id, _Card(), _Configs(index, unet or transformer, vae))


def _cached_hub_file(hub_id: str, name: str) -> Path | None:
    # Imported here: it takes a while, and most installations have no hub model.
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    path = try_to_load_from_cache(hub_id, name)
    return Path(path) if isinstance(path, str) else None


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelUnavailable(f"{path} can't be read ({error.strerror}): check EASEL_MODEL and the rights.") from error
    except ValueError as error:
        raise ModelUnavailable(f"{path} is not valid JSON: copy the model that EASEL_MODEL names again.") from error
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{path} holds no JSON object: copy the model that EASEL_MODEL names again.")
    return content


def _read_card(path: Path) -> _Card:
    content = _read_json(path)
    try:
        return _Card.model_validate(content or {})
    except ValidationError as error:
        wrong = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors()}))
        raise ModelUnavailable(f"{path} has wrong values ({wrong}): mend or remove it.") from error


def _model(source: str, fallback_id: str, card: _Card, configs: _Configs) -> ModelInfo:
    identifier = card.id or fallback_id
    multiple = card.multiple_of or _size_multiple(configs)
    trained_height, trained_width = _trained_size(configs)
    if card.sizes:
        trained_width, trained_height = card.sizes[0]
    width = card.default_width or trained_width
    height = card.default_height or trained_height
    min_width, max_width = _bounds(width, card.min_width, card.max_width, [w for w, _ in card.sizes], multiple)
    min_height, max_height = _bounds(height, card.min_height, card.max_height, [h for _, h in card.sizes], multiple)
    max_steps = card.max_steps or TYPICAL_MAX_STEPS
    limits = ModelLimits(
        min_width=min_width,
        max_width=max_width,
        min_height=min_height,
        max_height=max_height,
        multiple_of=multiple,
        max_steps=max_steps,
        max_images=card.max_images or TYPICAL_MAX_IMAGES,
        sizes=card.sizes,
        min_steps=card.min_steps,
        min_guidance=card.min_guidance,
        max_guidance=card.max_guidance,
    )
    guidance = min(TYPICAL_GUIDANCE, card.max_guidance) if card.default_guidance is None else card.default_guidance
    return ModelInfo(
        id=identifier,
        name=card.name or identifier.rsplit("/", 1)[-1],
        source=source,
        limits=limits,
        defaults=ModelDefaults(width, height, card.default_steps or min(TYPICAL_STEPS, max_steps), guidance),
        scheduler=_scheduler_name(configs.index),
        description=card.description,
        max_prompt_tokens=card.max_prompt_tokens,
    )


def _scheduler_name(index: dict[str, Any]) -> str:
    """``DDIM`` from ``["diffusers", "DDIMScheduler"]``, or the name that the rest of the field has for it."""
    match index.get("scheduler"):
        case [_, str() as class_name]:
            short = class_name.removesuffix("Scheduler").removesuffix("Discrete")
            return KNOWN_SCHEDULERS.get(short, short)
        case _:
            return ""


def _bounds(
    default: int, lowest: int | None, highest: int | None, listed: Sequence[int], multiple: int
) -> tuple[int, int]:
    """The span of the listed sizes, or what was said, or half to twice the trained side: beyond it, pictures fray."""
    if listed:
        return min(listed), max(listed)
    half = max(multiple, default // 2 // multiple * multiple)
    return lowest or min(half, highest or half), highest or max(default * 2, lowest or 0)


def _trained_size(configs: _Configs) -> tuple[int, int]:
    """(height, width) in pixels: the denoiser's sample size in latents, times the autoencoder's scale factor."""
    sample = configs.denoiser.get("sample_size")
    factor = _scale_factor(configs.vae)
    match sample:
        case int() if sample > 0:
            return sample * factor, sample * factor
        case [int() as height, int() as width] if height > 0 and width > 0:
            return height * factor, width * factor
        case _:
            return TYPICAL_SIDE, TYPICAL_SIDE


def _scale_factor(vae: dict[str, Any]) -> int:
    """Each level of the autoencoder but the first halves the picture."""
    levels = vae.get("block_out_channels") or vae.get("encoder_block_out_channels")
    return int(2 ** (len(levels) - 1)) if isinstance(levels, list) and levels else TYPICAL_SCALE_FACTOR


def _size_multiple(configs: _Configs) -> int:
    """Pixels per latent, times the transformer's patch, and never under 8, which the pipelines insist on."""
    patch = configs.denoiser.get("patch_size")
    return math.lcm(8, _scale_factor(configs.vae) * (patch if isinstance(patch, int) and patch > 0 else 1))
