"""The default model's seconds a picture: shipped steps and sampler against plain eager diffusers, same weights.

Equal pictures are a matter of model/README.md's evaluation; this measures time only. What Easel could switch on
besides (channels last, bfloat16 on processors that multiply it natively) stands beside it, so that it can be weighed.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, DiffusionPipeline

from bench.lib.rounds import Stopwatch, interleave
from bench.lib.tables import print_table, verdict

MODEL = Path(__file__).resolve().parents[2] / "model"
PROMPTS = ("a red rocket", "a cat", "a house with a garden", "a blue heart") * 2
PLAIN, SHIPPED = "plain: DDIM, 20 steps", "shipped"
BATCHES = (1, 8)
MAX_SECONDS = 0.5


async def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = assemble(Path(scratch) / "model")
        limits = json.loads((folder / "easel.json").read_text())
        drawing = contenders(folder, limits)
        rows = []
        for size in BATCHES:
            wall = await interleave({name: wall_of(draw, size) for name, draw in drawing.items()}, rounds=rounds)
            for name in drawing:
                seconds = wall.median(name) / size
                low, high = wall.spread(name, PLAIN)
                promise = verdict(seconds, MAX_SECONDS) if name == SHIPPED else ""
                spread = f"{low:.2f} to {high:.2f}"
                rows.append((f"{name}, {size} at once", seconds, wall.ratio(name, PLAIN), spread, promise))
    columns = ("way", "seconds a picture", "ratio to plain", "quartiles", "promise")
    print_table(
        f"{limits['name']}: {limits['default_width']}² at {limits['default_steps']} steps, "
        f"{torch.get_num_threads()} threads",
        columns,
        rows,
    )


def assemble(target: Path) -> Path:
    """The repository's weights with the text encoder of the installed package."""
    subprocess.run([sys.executable, MODEL / "assemble.py", target], check=True, stdout=subprocess.DEVNULL)
    return target


def contenders(folder: Path, limits: dict[str, Any]) -> dict[str, Callable[[int], None]]:
    """Each draws a number of pictures."""
    shipped = {"num_inference_steps": limits["default_steps"], "guidance_scale": limits["default_guidance"]}
    plain, stock, shaped = (load(folder) for _ in range(3))
    plain.scheduler = DDIMScheduler.from_config(plain.scheduler.config)  # type: ignore[no-untyped-call]
    for part in (shaped.unet, shaped.vae):
        part.to(memory_format=torch.channels_last)
    return {
        PLAIN: drawer(plain, shipped | {"num_inference_steps": 20}),
        SHIPPED: drawer(stock, shipped),
        "shipped, channels last": drawer(shaped, shipped),
        "shipped, bfloat16": drawer(stock, shipped, half=True),
    }


def load(folder: Path) -> Any:
    pipeline = DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)  # type: ignore[no-untyped-call]
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def drawer(pipeline: Any, settings: dict[str, Any], *, half: bool = False) -> Callable[[int], None]:
    def draw(size: int) -> None:
        generators = [torch.Generator().manual_seed(seed) for seed in range(size)]
        with torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext():
            pipeline(list(PROMPTS[:size]), generator=generators, **settings)

    return draw


def wall_of(draw: Callable[[int], None], size: int) -> Callable[[], float]:
    def measure() -> float:
        with Stopwatch() as watch:
            draw(size)
        return watch.wall

    return measure
