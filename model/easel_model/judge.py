"""Judges of what a picture shows: small classifiers trained on real renders.

The independent judge has never seen an icon set that the model draws, so it
can't reward copying. The familiar judge has seen them all and tells finer.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from easel_model.concepts import DRAWN
from easel_model.icons import Renders, load_renders
from easel_model.recolour import COLOURS, on_white, recolour
from easel_model.styles import STYLES
from easel_model.training import (
    Budget,
    Progress,
    half_precision,
    learning_rate,
    load_checkpoint,
    save_atomically,
    set_learning_rate,
)

SIDE = 64
"""Judges look at pictures shrunk to this side."""

BATCH = 64
PEAK_RATE = 2e-3
PAINTED = 5
"""Recoloured copies of each rendering that the judges learn from."""

INDEPENDENT, FAMILIAR = "independent", "familiar"


class _Network(nn.Module):
    """Convolutions down to 4×4, then the noun and the icon set as two heads."""

    def __init__(self, concepts: int, sets: int) -> None:
        super().__init__()
        widths = (3, 48, 96, 192, 256)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [
                nn.Conv2d(before, after, 3, stride=2, padding=1),
                nn.GroupNorm(8, after),
                nn.SiLU(),
                nn.Conv2d(after, after, 3, padding=1),
                nn.GroupNorm(8, after),
                nn.SiLU(),
            ]
        self.body = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.3)
        self.concept = nn.Linear(widths[-1], concepts)
        self.set = nn.Linear(widths[-1], sets)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, 3, 64, 64) in -1..1 → logits of concepts and of sets."""
        seen = self.drop(self.body(pictures).amax(dim=(2, 3)))
        return self.concept(seen), self.set(seen)


def shrink(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (N, 128, 128, 3) → (N, 64, 64, 3) by averaging."""
    wide = images.astype(np.uint16)
    wide = wide[:, ::2] + wide[:, 1::2]
    wide = wide[:, :, ::2] + wide[:, :, 1::2]
    return np.asarray((wide + 2) // 4, dtype=np.uint8)


def _to_tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return pixels.float().div_(127.5).sub_(1)


def sets_of(kind: str, renders: Renders) -> list[str]:
    """The icon sets that a judge learns from."""
    return sorted(name for name in set(renders.sets) if kind == FAMILIAR or name not in STYLES)


@dataclass(frozen=True, slots=True)
class _Lessons:
    images: NDArray[np.uint8]
    concepts: torch.Tensor
    sets: torch.Tensor


def _lessons(kind: str, renders: Renders) -> _Lessons:
    rng = np.random.default_rng(21)
    names = sets_of(kind, renders)
    palette = list(COLOURS)
    images, concepts, sets = [], [], []
    for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
        if set_name not in names or concept not in DRAWN or renders.views[row] == 1:
            continue
        rgba = renders.rgba[row, ::2, ::2]
        colours = ["", *rng.choice(palette, PAINTED, replace=False).tolist()]
        for colour in colours:
            images.append(on_white(recolour(rgba, colour) if colour else rgba))
            concepts.append(DRAWN.index(concept))
            sets.append(names.index(set_name))
    return _Lessons(np.stack(images), torch.tensor(concepts), torch.tensor(sets))


def distort(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Turn, scale, stretch, shift, flip, bleach and blur at random; same shape."""
    count = len(pictures)

    def random(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    turn, zoom, stretch = random(-0.25, 0.25), random(0.85, 1.45), random(0.88, 1.14)
    mirror = torch.where(random(0, 1) < 0.5, -1.0, 1.0)
    rows = torch.stack(
        [
            torch.stack([mirror * turn.cos() * zoom, -turn.sin() * zoom, random(-0.2, 0.2)], 1),
            torch.stack(
                [
                    mirror * turn.sin() * zoom * stretch,
                    turn.cos() * zoom * stretch,
                    random(-0.2, 0.2),
                ],
                1,
            ),
        ],
        dim=1,
    )
    grid = functional.affine_grid(rows, list(pictures.shape), align_corners=False)
    # Sampled as ink on nothing, so that what comes from outside is white.
    moved = 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)
    grey = moved.mean(dim=1, keepdim=True).expand_as(moved)
    bleach = (random(0, 1) < 0.25)[:, None, None, None] * random(0.5, 1)[:, None, None, None]
    moved = moved + bleach * (grey - moved)
    soft = functional.avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    moved = torch.where((random(0, 1) < 0.4)[:, None, None, None], soft, moved)
    return (moved * random(0.85, 1.1)[:, None, None, None]).clamp(-1, 1)


def train(run_dir: Path, kind: str, minutes: float) -> None:
    """Train or resume the judge ``kind``; writes ``run_dir/judge-<kind>.pt``."""
    renders = load_renders(run_dir)
    lessons = _lessons(kind, renders)
    names = sets_of(kind, renders)
    del renders
    path = run_dir / f"judge-{kind}.pt"
    torch.manual_seed(4)
    network = _Network(len(DRAWN), len(names))
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=0.05)
    budget, step = Budget(minutes * 60), 0
    if state := load_checkpoint(path):
        network.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, budget.spent = state["step"], state["spent"]
    generator = torch.Generator().manual_seed(6000 + step)
    progress = Progress(budget)
    saved = budget.spent

    def checkpoint() -> None:
        save_atomically(
            {
                "model": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
                "spent": budget.spent,
                "sets": names,
            },
            path,
        )

    while budget.left > 0:
        set_learning_rate(
            optimizer, learning_rate(PEAK_RATE, step, budget.progress, warmup=100, hold=0.3)
        )
        rows = torch.randint(len(lessons.images), (BATCH,), generator=generator)
        pictures = distort(_to_tensor(lessons.images[rows.numpy()]), generator)
        with half_precision():
            concepts, sets = network(pictures)
        loss = functional.cross_entropy(
            concepts.float(), lessons.concepts[rows], label_smoothing=0.05
        )
        right = (concepts.argmax(1) == lessons.concepts[rows]).float().mean()
        loss = loss + 0.3 * functional.cross_entropy(sets.float(), lessons.sets[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        budget.tick()
        progress.add(step, BATCH, loss=loss.item(), right=right.item())
        if budget.spent - saved > 60:
            saved = budget.spent
            checkpoint()
    checkpoint()


class Judge:
    """Names the noun and the icon set of pictures."""

    def __init__(self, run_dir: Path, kind: str) -> None:
        state = load_checkpoint(run_dir / f"judge-{kind}.pt")
        if state is None:
            raise FileNotFoundError(f"no judge-{kind}.pt in {run_dir}: run train-judges first")
        self.sets: list[str] = state["sets"]
        self._network = _Network(len(DRAWN), len(self.sets))
        self._network.load_state_dict(state["model"])
        self._network.eval()

    @torch.no_grad()
    def __call__(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], list[str]]:
        """Scores (N, concepts) in the order of ``DRAWN``, and the likeliest set of each."""
        pixels = _to_tensor(shrink(images))
        concepts, sets = self._network(pixels)
        return concepts.numpy(), [self.sets[int(place)] for place in sets.argmax(1)]

    def ranks(self, images: NDArray[np.uint8], truths: list[str]) -> list[int]:
        """Rank (0 best) of the true concept of each picture."""
        scores, _ = self(images)
        own = scores[np.arange(len(truths)), [DRAWN.index(truth) for truth in truths]]
        return [int(rank) for rank in (scores > own[:, None]).sum(axis=1)]
