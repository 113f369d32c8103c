"""The stock pipeline of diffusers with the weights in `BENCH_MODEL`: what every contender but Easel draws with.

As a program it is the bare loop: for each line "IMAGES AT_ONCE" on its input it draws so many, so many in a pass, and
answers with the seconds. Nothing is encoded or stored.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline
from PIL import Image


class StockPipeline:
    def __init__(self) -> None:
        folder = Path(os.environ["BENCH_MODEL"])
        limits = json.loads((folder / "easel.json").read_text())
        self._settings = {
            "num_inference_steps": int(os.environ["BENCH_STEPS"]),
            "guidance_scale": limits["default_guidance"],
        }
        self._pipeline: Any = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
        self._pipeline.set_progress_bar_config(disable=True)

    def draw(self, prompts: list[str]) -> list[Image.Image]:
        """In one pass."""
        generators = [torch.Generator().manual_seed(seed) for seed in range(len(prompts))]
        pictures: list[Image.Image] = self._pipeline(prompts, generator=generators, **self._settings).images
        return pictures


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def main() -> None:
    pipeline, numbers = StockPipeline(), itertools.count()
    print("ready", flush=True)
    for line in sys.stdin:
        images, at_once = map(int, line.split())
        began = time.perf_counter()
        for _ in range(images // at_once):
            pipeline.draw([f"a red rocket, number {next(numbers)}" for _ in range(at_once)])
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
