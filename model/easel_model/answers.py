"""The pictures that an evaluation asks a model for, kept so that a killed run goes on.

They depend on the model, its settings and the prompt alone, so they serve any
number of prompts and any judges that are trained later.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from diffusers import DiffusionPipeline
from numpy.typing import NDArray
from PIL import Image

from easel_model.sampling import generate_batches, load_pipeline

TOGETHER = 2
"""Prompts in a batch: at four seeds, eight pictures."""

TOLD_EVERY = 30.0
"""Seconds between two lines of progress."""

Images = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is asked."""

    seeds: int
    steps: int
    guidance: float


class Answers:
    """The answers of one model at one setting, under ``run_dir/answers/``.

    Each prompt is one PNG, its seeds side by side.
    """

    def __init__(self, run_dir: Path, model_dir: Path, settings: Settings) -> None:
        """Raises FileNotFoundError when ``model_dir`` is not an assembled model."""
        self._model_dir = model_dir
        self._settings = settings
        parts = json.loads((model_dir / "parts.json").read_text())["files"]
        # The card holds defaults and words, nothing that changes a picture.
        parts.pop("easel.json", None)
        told = json.dumps(asdict(settings), sort_keys=True)
        key = hashlib.sha256((json.dumps(parts, sort_keys=True) + told).encode()).hexdigest()[:12]
        self.folder = run_dir / "answers" / key
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "settings.json").write_text(told + "\n")

    def _path(self, prompt: str) -> Path:
        return self.folder / f"{hashlib.sha256(prompt.encode()).hexdigest()[:20]}.png"

    def find(self, prompt: str) -> Images | None:
        """Its pictures by seed, uint8 (seeds, H, W, 3); None when they are not drawn yet."""
        path = self._path(prompt)
        if not path.exists():
            return None
        row = np.asarray(Image.open(path).convert("RGB"))
        return np.stack(np.split(row, self._settings.seeds, axis=1))

    def draw(self, prompts: Sequence[str], minutes: float = float("inf")) -> None:
        """Draw what is missing, in the order given, until all is there or the time is up."""
        missing = [prompt for prompt in dict.fromkeys(prompts) if not self._path(prompt).exists()]
        if len(missing) < len(prompts):
            print(f"{len(missing)} of {len(prompts)} prompts are still to be drawn", flush=True)
        if missing:
            self._draw(load_pipeline(self._model_dir), missing, minutes)

    def _draw(self, pipeline: DiffusionPipeline, missing: list[str], minutes: float) -> None:
        settings = self._settings
        drawn = generate_batches(
            pipeline, missing, settings.seeds, settings.steps, settings.guidance, TOGETHER
        )
        start = told = time.monotonic()
        for number, (prompt, images) in enumerate(zip(missing, drawn, strict=True), 1):
            self._keep(prompt, images)
            now = time.monotonic()
            if now - told > TOLD_EVERY:
                told = now
                pace = (now - start) / number
                print(
                    f"{number} of {len(missing)} prompts, {pace / settings.seeds:.2f} s a picture, "
                    f"{pace * (len(missing) - number) / 60:.1f} min left",
                    flush=True,
                )
            if now - start > minutes * 60:
                print(f"the time is up: {len(missing) - number} prompts stay undrawn", flush=True)
                return

    def _keep(self, prompt: str, images: Images) -> None:
        path = self._path(prompt)
        scratch = path.with_suffix(".tmp")
        Image.fromarray(np.concatenate(list(images), axis=1)).save(scratch, format="PNG")
        scratch.replace(path)
