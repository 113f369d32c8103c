"""What Easel asks of anything that makes images, and what it tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from app.engine.remote_models import RemoteModel


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """What a model can do; sizes in pixels, all bounds inclusive.

    When `sizes` lists (width, height) pairs, the model can do these and no others; when it is empty, any multiple of
    `multiple_of` within the bounds.
    """

    min_width: int
    max_width: int
    min_height: int
    max_height: int
    multiple_of: int
    max_steps: int
    max_images: int
    sizes: tuple[tuple[int, int], ...] = ()
    min_steps: int = 1
    min_guidance: float = 0.0
    max_guidance: float = 50.0
    negative_prompt: bool = True
    """Whether it reads one."""


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """What null in a request means."""

    width: int
    height: int
    steps: int
    guidance: float


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the catalogue knows it, without loading it.

    `source` is a directory, a hub id or an address (then `remote` says more); `scheduler` its short name, e.g.
    ``DDIM``, or empty when not known yet. What a prompt has beyond `max_prompt_tokens` is not seen by the model; None:
    not known.
    """

    id: str
    name: str
    source: str
    limits: ModelLimits
    defaults: ModelDefaults
    scheduler: str = ""
    description: str = ""
    max_prompt_tokens: int | None = None
    remote: RemoteModel | None = None


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One image of a batch: its own words, its own generator seeded with `seed` (0 ≤ seed < 2^32)."""

    prompt: str
    negative_prompt: str | None
    seed: int


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Images that share every forward pass: same model, size, steps and guidance."""

    model_id: str
    width: int
    height: int
    steps: int
    guidance: float
    images: tuple[ImageRequest, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """After `step` of `steps`; steps only grow. `previews` has one small RGB picture per image, or is empty."""

    step: int
    steps: int
    previews: Sequence[Image.Image] = field(default_factory=tuple)


class Engine(Protocol):
    """Makes images on one device. Calls leave the event loop free.

    Calls may overlap: they take turns on the device, and what needs it less (words before, decoding after) may overlap
    another call's turn.
    """

    @property
    def device(self) -> str:
        """The device in torch's words, e.g. ``cpu`` or ``cuda:0``; ``auto`` until the first model is loaded."""
        ...

    @property
    def loaded_models(self) -> frozenset[str]:
        """Ids of the models in memory."""
        ...

    async def load(self, model: ModelInfo) -> None:
        """Bring the model into memory. Raises `ModelUnavailable` with what to do when it can't."""
        ...

    def images_at_once(self, model_id: str, width: int, height: int) -> int:
        """How many such images one `generate` should be asked for: more would not fit, or be no faster for each."""
        ...

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        """Run the batch with a loaded model and return one RGB picture per image, in order.

        An image depends on its own words and seed, never on its companions (to numeric tolerance).

        `on_progress` is called from the engine's own thread after each step; it must be quick and thread-safe.
        `should_stop` is asked between steps; when it says yes, raises `GenerationCanceled`.
        Raises `ModelUnavailable` when the model isn't loaded, or when not even one image fits into memory;
        `Unavailable` for what may pass (the job is tried again); `UpstreamFailed` for what another server does not want
        or can't do.
        """

    async def close(self) -> None:
        """Stop what runs after its current step, forget the models and end the thread."""
        ...
