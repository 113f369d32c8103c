"""What the engine's tests ask for, and how they compare what they get."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from app.engine.diffusers_engine import DiffusersEngine
from app.engine.protocol import BatchRequest, ImageRequest

ROCKET = ImageRequest("a red rocket", None, 7)
HEART = ImageRequest("a blue heart", "blurry", 8)


def batch(
    *images: ImageRequest, steps: int = 4, guidance: float = 4.0, size: tuple[int, int] = (64, 64)
) -> BatchRequest:
    return BatchRequest("tiny", *size, steps, guidance, images)


def never() -> bool:
    return False


async def generate(engine: DiffusersEngine, request: BatchRequest) -> list[Image.Image]:
    return await engine.generate(request, on_progress=lambda _: None, should_stop=never)


async def only(engine: DiffusersEngine, image: ImageRequest, **options: Any) -> Image.Image:
    [picture] = await generate(engine, batch(image, **options))
    return picture


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any channel of any pixel."""
    return int(np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).max())
