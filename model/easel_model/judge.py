"""Judges of what a picture shows, fitted on real renders.

Pictures become histograms of their outlines' directions, which neither
recolouring nor a soft line changes much. Linear discriminant analysis on the
renders then weighs these by what tells nouns apart, and the nearest known
rendering names the picture. That has a closed form: a minute of one core, the
same each time, nothing to tune.

The independent judge has never seen an icon set that the model draws, so it
can't reward copying. The familiar judge has seen them all and tells finer.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from easel_model.concepts import DRAWN
from easel_model.icons import Renders, load_renders
from easel_model.recolour import COLOURS, on_white, recolour
from easel_model.styles import STYLES
from easel_model.training import load_checkpoint, save_atomically

SIDE = 64
"""Judges look at pictures shrunk to this side."""

CELLS = 8
"""Cells of the histograms along a side."""

DIRECTIONS = 9
PAINTED = 1
"""Recoloured copies of each rendering that the judges learn from."""

DISTORTED = 3
"""Distorted copies of each of these."""

SHRINKAGE = 0.1
"""Share of the mean variance that is added to every direction of a covariance."""

INDEPENDENT, FAMILIAR = "independent", "familiar"


def shrink(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (N, 128, 128, 3) → (N, 64, 64, 3) by averaging."""
    wide = images.astype(np.uint16)
    wide = wide[:, ::2] + wide[:, 1::2]
    wide = wide[:, :, ::2] + wide[:, :, 1::2]
    return np.asarray((wide + 2) // 4, dtype=np.uint8)


def _to_tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return pixels.float().div_(127.5).sub_(1)


def outlines(pictures: torch.Tensor) -> torch.Tensor:
    """(N, 3, 64, 64) in -1..1 → (N, 640): directions of edges, and ink, by cell.

    Histograms of oriented gradients: Dalal and Triggs, 2005. Each pixel counts
    with its strongest colour; each cell is scaled by its neighbourhood.
    """
    down = functional.pad(pictures[:, :, 2:] - pictures[:, :, :-2], (0, 0, 1, 1))
    right = functional.pad(pictures[:, :, :, 2:] - pictures[:, :, :, :-2], (1, 1, 0, 0))
    power = down.square() + right.square()
    strongest = power.argmax(dim=1, keepdim=True)
    size = power.gather(1, strongest).sqrt()
    angle = torch.atan2(down.gather(1, strongest), right.gather(1, strongest)) / torch.pi
    bins = torch.arange(DIRECTIONS).reshape(1, -1, 1, 1)
    away = (angle * DIRECTIONS - bins).remainder(DIRECTIONS)
    away = torch.minimum(away, DIRECTIONS - away)
    cell = pictures.shape[-1] // CELLS
    votes = functional.avg_pool2d((1 - away).clamp(min=0) * size, cell)
    around = functional.avg_pool2d(votes.square().sum(1, keepdim=True), 3, 1, 1)
    edges = (votes / (around.sqrt() + 0.02)).clamp(max=1.0)
    ink = functional.avg_pool2d(1 - pictures.amin(dim=1, keepdim=True), cell)
    return torch.cat([edges.flatten(1), 0.5 * ink.flatten(1)], dim=1)


def sets_of(kind: str, renders: Renders) -> list[str]:
    """The icon sets that a judge learns from."""
    return sorted(name for name in set(renders.sets) if kind == FAMILIAR or name not in STYLES)


def distort(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Turn, scale, stretch, shift, flip and blur at random; same shape."""
    count = len(pictures)

    def random(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    turn, zoom, stretch = random(-0.12, 0.12), random(0.9, 1.25), random(0.92, 1.09)
    mirror = torch.where(random(0, 1) < 0.5, -1.0, 1.0)
    rows = torch.stack(
        [
            torch.stack([mirror * turn.cos() * zoom, -turn.sin() * zoom, random(-0.1, 0.1)], 1),
            torch.stack(
                [
                    mirror * turn.sin() * zoom * stretch,
                    turn.cos() * zoom * stretch,
                    random(-0.1, 0.1),
                ],
                1,
            ),
        ],
        dim=1,
    )
    grid = functional.affine_grid(rows, list(pictures.shape), align_corners=False)
    # Sampled as ink on nothing, so that what comes from outside is white.
    moved = 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)
    soft = functional.avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    return torch.where((random(0, 1) < 0.5)[:, None, None, None], soft, moved)


@dataclass(frozen=True, slots=True)
class _Lessons:
    """Outlines (N, D) with the index of each one's concept and set."""

    rows: torch.Tensor
    concepts: torch.Tensor
    sets: torch.Tensor


def _lessons(names: list[str], renders: Renders) -> _Lessons:
    rng, generator = np.random.default_rng(21), torch.Generator().manual_seed(22)
    palette = list(COLOURS)
    rows, concepts, sets = [], [], []
    for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
        if set_name not in names or concept not in DRAWN or renders.views[row] != 0:
            continue
        rgba = renders.rgba[row, ::2, ::2]
        colours = ["", *rng.choice(palette, PAINTED, replace=False).tolist()]
        painted = [on_white(recolour(rgba, colour) if colour else rgba) for colour in colours]
        pictures = _to_tensor(np.stack(painted)).repeat(DISTORTED, 1, 1, 1)
        rows.append(outlines(distort(pictures, generator)))
        concepts += [DRAWN.index(concept)] * len(pictures)
        sets += [names.index(set_name)] * len(pictures)
    return _Lessons(torch.cat(rows), torch.tensor(concepts), torch.tensor(sets))


def _means(rows: torch.Tensor, groups: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean of each group, and for each row the place of its group's."""
    _, places, counts = groups.unique(return_inverse=True, return_counts=True)
    sums = torch.zeros(len(counts), rows.shape[1]).index_add_(0, places, rows)
    return sums / counts[:, None], places


def _whitening(rows: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """(D, D) matrix after which rows scatter alike in all directions within a group."""
    means, places = _means(rows, groups)
    within = torch.cov((rows - means[places]).T)
    within += SHRINKAGE * within.diagonal().mean() * torch.eye(len(within))
    values, vectors = torch.linalg.eigh(within)
    whitening: torch.Tensor = vectors * values.rsqrt()
    return whitening


def train(run_dir: Path, kind: str) -> None:
    """Fit the judge ``kind``; writes ``run_dir/judge-<kind>.pt``."""
    renders = load_renders(run_dir)
    names = sets_of(kind, renders)
    lessons = _lessons(names, renders)
    groups = lessons.concepts * len(names) + lessons.sets
    known, _ = _means(lessons.rows, groups)
    state = {
        "sets": names,
        "known": known,
        "groups": groups.unique(),
        # What differs between sets of one noun must not tell nouns apart ...
        "by_concept": _whitening(lessons.rows, lessons.concepts),
        # ... but tells sets apart.
        "by_set": _whitening(lessons.rows, groups),
    }
    save_atomically(state, run_dir / f"judge-{kind}.pt")
    print(f"{kind}: {len(known)} renderings of {len(names)} sets, {len(lessons.rows)} lessons")


class Judge:
    """Names the noun and the icon set of pictures."""

    def __init__(self, run_dir: Path, kind: str) -> None:
        state = load_checkpoint(run_dir / f"judge-{kind}.pt")
        if state is None:
            raise FileNotFoundError(f"no judge-{kind}.pt in {run_dir}: run train-judges first")
        self.sets: list[str] = state["sets"]
        self._concepts = state["groups"] // len(self.sets)
        self._sets = state["groups"] % len(self.sets)
        spaces = (state["by_concept"], state["by_set"])
        self._spaces = [(space, state["known"] @ space) for space in spaces]

    def __call__(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], list[str]]:
        """Scores (N, concepts) in the order of ``DRAWN``, and the likeliest set of each."""
        rows = outlines(_to_tensor(shrink(images)))
        by_concept, by_set = (torch.cdist(rows @ space, known) for space, known in self._spaces)
        nearest = torch.full((len(rows), len(DRAWN)), torch.inf)
        nearest.scatter_reduce_(1, self._concepts.expand(len(rows), -1), by_concept, "amin")
        sets = self._sets[by_set.argmin(dim=1)]
        return -nearest.numpy(), [self.sets[int(place)] for place in sets]

    def ranks(self, images: NDArray[np.uint8], truths: list[str]) -> list[int]:
        """Rank (0 best) of the true concept of each picture."""
        scores, _ = self(images)
        own = scores[np.arange(len(truths)), [DRAWN.index(truth) for truth in truths]]
        return [int(rank) for rank in (scores > own[:, None]).sum(axis=1)]
