"""What a request's nulls mean for a model, what it may ask for, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from app.core.errors import FieldError, InvalidInput
from app.engine.protocol import ModelInfo, ModelLimits

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class ResolvedParameters:
    """What will be run: pixels, steps, guidance scale and count of images, all within the model's limits."""

    width: int
    height: int
    steps: int
    guidance: float
    num_images: int

    @property
    def cost(self) -> float:
        """In megapixel-steps."""
        return megapixel_steps(self.width, self.height, self.steps, self.num_images)


def megapixel_steps(width: int, height: int, steps: int, images: int) -> float:
    """The unit of quotas and fairness: width × height × steps × images / 10^6."""
    return width * height * steps * images / 1e6


def resolve_parameters(
    model: ModelInfo,
    *,
    width: int | None = None,
    height: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    num_images: int = 1,
    negative_prompt: str | None = None,
) -> ResolvedParameters:
    """Fill None with the model's defaults. Raises `InvalidInput` with one entry per field that the model can't do."""
    resolved = ResolvedParameters(
        width=_or_default(width, model.defaults.width),
        height=_or_default(height, model.defaults.height),
        steps=_or_default(steps, model.defaults.steps),
        guidance=_or_default(guidance, model.defaults.guidance),
        num_images=num_images,
    )
    errors = tuple(_errors(resolved, model))
    if negative_prompt and not model.limits.negative_prompt:
        detail = f"{model.name} reads no negative prompt. Leave it out."
        errors += (FieldError("/negative_prompt", "not_supported", detail),)
    if errors:
        raise InvalidInput(" ".join(dict.fromkeys(error.detail for error in errors)), errors)
    return resolved


def _or_default(value: Number | None, default: Number) -> Number:
    return default if value is None else value


def _errors(asked: ResolvedParameters, model: ModelInfo) -> Iterator[FieldError]:
    limits = model.limits
    yield from _size_errors(asked, model.name, limits)
    if not limits.min_steps <= asked.steps <= limits.max_steps:
        yield FieldError(
            "/steps", "out_of_range", f"{model.name} takes {limits.min_steps} to {limits.max_steps} steps."
        )
    # NaN fails every comparison, and so this one.
    if not limits.min_guidance <= asked.guidance <= limits.max_guidance:
        detail = f"{model.name} takes guidance from {limits.min_guidance:g} to {limits.max_guidance:g}."
        yield FieldError("/guidance", "out_of_range", detail)
    if not 1 <= asked.num_images <= limits.max_images:
        yield FieldError("/num_images", "out_of_range", f"{model.name} makes 1 to {limits.max_images} images a job.")


def _size_errors(asked: ResolvedParameters, name: str, limits: ModelLimits) -> Iterator[FieldError]:
    if limits.sizes:
        yield from _listed_size_errors(asked, name, limits)
        return
    if (detail := _side_error(asked.width, limits.min_width, limits.max_width, limits.multiple_of)) is not None:
        yield FieldError("/width", "size_not_supported", f"{name} makes widths {detail}.")
    if (detail := _side_error(asked.height, limits.min_height, limits.max_height, limits.multiple_of)) is not None:
        yield FieldError("/height", "size_not_supported", f"{name} makes heights {detail}.")


def _listed_size_errors(asked: ResolvedParameters, name: str, limits: ModelLimits) -> Iterator[FieldError]:
    if (asked.width, asked.height) in limits.sizes:
        return
    detail = f"{name} makes these sizes: {', '.join(f'{width}x{height}' for width, height in limits.sizes)}."
    width_known = any(asked.width == width for width, _ in limits.sizes)
    height_known = any(asked.height == height for _, height in limits.sizes)
    if not width_known:
        yield FieldError("/width", "size_not_supported", detail)
    if not height_known or width_known:
        yield FieldError("/height", "size_not_supported", detail)


def _side_error(value: int, lowest: int, highest: int, multiple: int) -> str | None:
    if lowest <= value <= highest and value % multiple == 0:
        return None
    return f"from {lowest} to {highest} pixels in multiples of {multiple}"
