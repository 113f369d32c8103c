"""Contact sheets through the stock pipeline."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import DiffusionPipeline
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def load_pipeline(model_dir: Path) -> DiffusionPipeline:
    """An assembled model directory in float32 on the CPU, laid out as Easel does."""
    pipeline = DiffusionPipeline.from_pretrained(model_dir, torch_dtype=torch.float32)
    for part in (pipeline.unet, pipeline.vae):
        part.to(memory_format=torch.channels_last)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def generate(
    pipeline: DiffusionPipeline,
    prompts: Sequence[str],
    seeds: Sequence[int],
    steps: int,
    guidance: float,
) -> list[list[NDArray[np.uint8]]]:
    """Images by prompt, then by seed; each uint8 (128, 128, 3)."""
    rows = []
    for prompt in prompts:
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        images = pipeline(
            [prompt] * len(seeds),
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=generators,
        ).images
        rows.append([np.asarray(image) for image in images])
    return rows


def generate_batches(
    pipeline: DiffusionPipeline,
    prompts: Sequence[str],
    seeds: int,
    steps: int,
    guidance: float,
    together: int = 4,
) -> Iterator[NDArray[np.uint8]]:
    """Pictures of each prompt at seeds 0, 1, …, as uint8 (seeds, H, W, 3).

    ``together`` prompts share a batch; the pictures do not depend on it.
    """
    for start in range(0, len(prompts), together):
        asked = prompts[start : start + together]
        images = pipeline(
            [prompt for prompt in asked for _ in range(seeds)],
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for _ in asked for seed in range(seeds)],
        ).images
        stacked = np.stack([np.asarray(image) for image in images])
        yield from stacked.reshape(len(asked), seeds, *stacked.shape[1:])


def contact_sheet(
    rows: Sequence[Sequence[NDArray[np.uint8]]],
    labels: Sequence[str],
    columns: int = 3,
    zoom: int = 1,
) -> Image.Image:
    """Lay out rows of images with their prompt above, in blocks of columns."""
    side = rows[0][0].shape[0] * zoom
    width, height = side * len(rows[0]) + 16, side + 22
    lines = -(-len(rows) // columns)
    sheet = Image.new("RGB", (width * columns, height * lines), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (images, label) in enumerate(zip(rows, labels, strict=True)):
        left, top = (number // lines) * width, (number % lines) * height
        draw.text((left + 4, top + 4), label, fill="black")
        for place, image in enumerate(images):
            tile = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
            sheet.paste(tile, (left + place * side, top + 20))
    return sheet


def sample(
    model_dir: Path,
    out: Path,
    prompts: Sequence[str],
    seeds: int,
    steps: int,
    guidance: float,
) -> None:
    """Write a contact sheet as PNG and print the seconds per image."""
    pipeline = load_pipeline(model_dir)
    start = time.monotonic()
    rows = generate(pipeline, prompts, range(seeds), steps, guidance)
    seconds = time.monotonic() - start
    print(f"{seconds / (len(prompts) * seeds):.2f} s an image, in batches of {seeds}")
    sheet = contact_sheet(rows, prompts)
    sheet.quantize(256).save(out, optimize=True)
