"""The image models that this studio offers."""

from __future__ import annotations

from pydantic import Field

from app.schemas.base import Output


class ModelDefaultsOut(Output):
    width: int
    height: int
    steps: int
    guidance: float


class ModelLimitsOut(Output):
    min_width: int
    max_width: int
    min_height: int
    max_height: int
    multiple_of: int
    min_steps: int
    max_steps: int
    min_guidance: float
    max_guidance: float
    max_images: int
    sizes: list[tuple[int, int]] = Field(description="Width and height pairs; empty: any within the bounds.")
    max_prompt_chars: int
    negative_prompt: bool = Field(description="Whether the model reads one; else it has to be left out.")


class ModelOut(Output):
    id: str
    name: str
    default: bool
    loaded: bool
    defaults: ModelDefaultsOut
    limits: ModelLimitsOut


class ModelList(Output):
    items: list[ModelOut]
