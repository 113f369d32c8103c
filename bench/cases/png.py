"""PNG with its parameters, and thumbnail: Easel's encoders against Pillow's defaults, in CPU time and bytes."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.engine.imaging import encode_png, encode_thumbnail
from bench.lib.rounds import interleave
from bench.lib.tables import print_table, verdict

PARAMETERS = "a red rocket, flat\nSteps: 30, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 512x512, Model: easel-small"
SIDES = (512, 1024)
GRAINS = {"smooth": 0.0, "soft grain": 1.5, "strong grain": 4.0}
REPEATS = 3
MAX_CPU, MAX_SIZE = 0.15, 1.05


async def run(rounds: int) -> None:
    rows = []
    for side in SIDES:
        for kind, grain in GRAINS.items():
            picture = painting(side, grain)
            contenders = {"easel": lambda p=picture: cpu(easel, p), "pillow": lambda p=picture: cpu(pillow, p)}
            found = await interleave(contenders, rounds=rounds)
            size = sum(map(len, easel(picture))) / sum(map(len, pillow(picture)))
            png_size = len(easel(picture)[0]) / len(pillow(picture)[0])
            ratio = found.ratio("easel", "pillow")
            rows.append(
                (
                    f"{side}² {kind}",
                    found.median("pillow") * 1000,
                    found.median("easel") * 1000,
                    ratio,
                    verdict(ratio, MAX_CPU),
                    png_size,
                    size,
                    verdict(size, MAX_SIZE),
                )
            )
    columns = ("picture", "Pillow, CPU ms", "Easel, CPU ms", "ratio", "promise", "PNG size", "both sizes", "promise")
    print_table("PNG and thumbnail against Pillow's defaults", columns, rows)


def cpu(encode: Callable[[Image.Image], object], picture: Image.Image) -> float:
    """CPU seconds of one encoding."""
    started = time.process_time()
    for _ in range(REPEATS):
        encode(picture)
    return (time.process_time() - started) / REPEATS


def easel(picture: Image.Image) -> tuple[bytes, bytes]:
    return encode_png(picture, PARAMETERS), encode_thumbnail(picture)


def pillow(picture: Image.Image) -> tuple[bytes, bytes]:
    info = PngInfo()
    info.add_text("parameters", PARAMETERS)
    png, webp = io.BytesIO(), io.BytesIO()
    picture.save(png, "PNG", pnginfo=info)
    small = picture.copy()
    small.thumbnail((256, 256))
    small.save(webp, "WEBP")
    return png.getvalue(), webp.getvalue()


def painting(side: int, grain: float) -> Image.Image:
    """Soft shapes of several sizes, and a grain as decoders leave it."""
    random = np.random.default_rng(1)
    total = np.full((side, side, 3), 128.0)
    for cells, strength in ((4, 180), (16, 100), (64, 40), (128, 16)):
        small = Image.fromarray(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += (np.asarray(small.resize((side, side), Image.Resampling.BICUBIC)) / 255.0 - 0.5) * strength
    return Image.fromarray(np.clip(total + random.normal(scale=grain, size=total.shape), 0, 255).astype(np.uint8))
