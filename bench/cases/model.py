"""The default model's seconds a picture: Easel's engine at the shipped settings against plain eager diffusers.

Both draw with the same weights. Equal pictures are a matter of model/README.md's evaluation; this measures time only.
Between the two stand the stock pipeline at the shipped steps and sampler, and the engine on torch, so that what fewer
steps save can be told from what the engine saves (words once, channels last) and from what compiling saves. Every
prompt is new to it; only the empty negative one is known.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, DiffusionPipeline

from app.engine.batch_sizes import BatchSizes
from app.engine.diffusers_runtime import DiffusersRuntime
from app.engine.model_descriptions import describe
from app.engine.protocol import BatchRequest, ImageRequest
from bench.lib.rounds import Stopwatch, interleave
from bench.lib.tables import print_table, verdict

MODEL = Path(__file__).resolve().parents[2] / "model"
PROMPTS = ("a red rocket", "a cat", "a house with a garden", "a blue heart") * 2
NUMBERS = itertools.count()
PLAIN, SHIPPED = "plain: stock pipeline, DDIM, 20 steps", "shipped: Easel's engine"
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
    plain, stock = load(folder), load(folder)
    plain.scheduler = DDIMScheduler.from_config(plain.scheduler.config)
    return {
        PLAIN: pipeline_drawer(plain, shipped | {"num_inference_steps": 20}),
        "stock pipeline, shipped steps": pipeline_drawer(stock, shipped),
        "Easel's engine on torch": engine_drawer(folder, compiles=False),
        SHIPPED: engine_drawer(folder, compiles=True),
    }


def load(folder: Path) -> Any:
    pipeline = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def fresh_prompts(count: int) -> list[str]:
    return [f"{prompt} {next(NUMBERS)}" for prompt in PROMPTS[:count]]


def pipeline_drawer(pipeline: Any, settings: dict[str, Any]) -> Callable[[int], None]:
    def draw(size: int) -> None:
        generators = [torch.Generator().manual_seed(seed) for seed in range(size)]
        pipeline(fresh_prompts(size), generator=generators, **settings)

    return draw


def engine_drawer(folder: Path, *, compiles: bool) -> Callable[[int], None]:
    """As a worker does, but in this thread."""
    model = describe(str(folder))
    runtime = DiffusersRuntime("cpu", 0, 0.0, BatchSizes(), compiles=compiles)
    runtime.load(model)
    defaults = model.defaults

    def draw(size: int) -> None:
        images = tuple(ImageRequest(prompt, None, seed) for seed, prompt in enumerate(fresh_prompts(size)))
        request = BatchRequest(model.id, defaults.width, defaults.height, defaults.steps, defaults.guidance, images)
        words = runtime.read(request)
        made = runtime.denoise(request, words, on_progress=lambda _: None, should_stop=lambda: False)
        runtime.decode(request, made)

    return draw


def wall_of(draw: Callable[[int], None], size: int) -> Callable[[], float]:
    def measure() -> float:
        with Stopwatch() as watch:
            draw(size)
        return watch.wall

    return measure
