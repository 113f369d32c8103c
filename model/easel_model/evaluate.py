"""A light evaluation: reconstruction, concept and colour accuracy.

Concepts are judged by nearest neighbours among real renders in a
hand-made feature space, so the figures are for comparing versions. The
ceilings, real renders judged the same way, are printed beside them.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from easel_model import autoencoder as ae
from easel_model.augment import SET_WEIGHTS, is_held_out, jitter, may_paint
from easel_model.captions import article
from easel_model.concepts import CONCEPTS, HELD_OUT_PAIRS, LATER
from easel_model.export import DEFAULT_GUIDANCE, DEFAULT_STEPS
from easel_model.icons import Renders, load_renders
from easel_model.recolour import COLOURS, dominant_colour, on_white, recolour
from easel_model.sampling import generate, load_pipeline

CELLS = 8
ORIENTATIONS = 8
REFERENCE_COLOURS = ("", "red", "blue", "black")


def features(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shape of what is not white: uint8 (N, 64, 64, 3) → unit rows (N, 576)."""
    ink = 1 - images.min(axis=-1).astype(np.float32) / 255
    light = images.astype(np.float32).mean(axis=-1) / 255
    rows = []
    for plane in (ink, light):
        down, right = np.gradient(plane, axis=(1, 2))
        strength = np.hypot(down, right)
        turn = (np.arctan2(down, right) % np.pi) / np.pi * ORIENTATIONS
        bins = turn.astype(int) % ORIENTATIONS
        histogram = np.stack(
            [_cells(strength * (bins == number)) for number in range(ORIENTATIONS)], axis=-1
        )
        rows.append(np.sqrt(histogram).reshape(len(images), -1))
    rows.append(2 * _cells(ink).reshape(len(images), -1))
    joined = np.concatenate([row / _norm(row) for row in rows], axis=1)
    return np.asarray(joined / _norm(joined), dtype=np.float32)


def _norm(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6, dtype=np.float32)


def _cells(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    side = plane.shape[1] // CELLS
    split = plane.reshape(len(plane), CELLS, side, CELLS, side)
    return np.asarray(split.mean(axis=(2, 4)), dtype=np.float32)


class Judge:
    """Names the concept of an image by its nearest real renders."""

    def __init__(self, renders: Renders) -> None:
        rng = np.random.default_rng(5)
        images: list[NDArray[np.uint8]] = []
        self.concepts: list[str] = []
        self.sets: list[str] = []
        for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
            if not concept or concept in LATER or set_name not in SET_WEIGHTS:
                continue
            for colour in REFERENCE_COLOURS:
                base = recolour(renders.rgba[row], colour) if colour else renders.rgba[row]
                for view in (base, base[:, ::-1], jitter(base, rng)):
                    images.append(on_white(view))
                    self.concepts.append(concept)
                    self.sets.append(set_name)
        self._rows = features(np.stack(images))
        self.names = sorted(set(self.concepts))
        self._of = {name: np.array([c == name for c in self.concepts]) for name in self.names}

    def ranks(self, images: NDArray[np.uint8], truths: list[str], without: str = "") -> list[int]:
        """Rank (0 best) of each true concept; ``without`` hides one icon set."""
        likeness = features(images) @ self._rows.T
        if without:
            likeness[:, np.array([name == without for name in self.sets])] = -1
        best = np.stack([likeness[:, self._of[name]].max(axis=1) for name in self.names], axis=1)
        own = best[np.arange(len(truths)), [self.names.index(truth) for truth in truths]]
        return [int(rank) for rank in (best > own[:, None]).sum(axis=1)]


def _percent(flags: list[bool]) -> float:
    return round(100 * sum(flags) / max(1, len(flags)), 1)


def _phrase(concept: str, colour: str) -> str:
    thing = f"{colour} {concept}" if colour else concept
    return f"{article(thing)}{thing}"


def _ceilings(renders: Renders, judge: Judge) -> dict[str, float]:
    rng = np.random.default_rng(9)
    same, unseen, colours = [], [], []
    for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
        if not concept or concept in LATER or set_name not in {"noto", "fluent-emoji-flat"}:
            continue
        colour = list(COLOURS)[int(rng.integers(len(COLOURS)))]
        if not may_paint(set_name, concept, colour):
            continue
        image = on_white(jitter(recolour(renders.rgba[row], colour), rng))
        same += judge.ranks(image[None], [concept])
        unseen += judge.ranks(image[None], [concept], without=set_name)
        colours.append(dominant_colour(image) == colour)
    return {
        "ceiling_concept_top1": _percent([rank == 0 for rank in same]),
        "ceiling_concept_top1_other_sets_only": _percent([rank == 0 for rank in unseen]),
        "ceiling_colour": _percent(colours),
    }


def _questions(seeds: int) -> list[tuple[str, str, str, int]]:
    """(split, concept, colour, seed) of every image to make."""
    rng = np.random.default_rng(13)
    asked = []
    for concept in (concept.name for concept in CONCEPTS if concept.name not in LATER):
        asked += [("plain", concept, "", seed) for seed in range(2)]
        seen = [colour for colour in COLOURS if (concept, colour) not in HELD_OUT_PAIRS]
        for colour in rng.choice(seen, 2, replace=False).tolist():
            asked.append(("seen pairs", concept, colour, 0))
    for concept, colour in sorted(HELD_OUT_PAIRS):
        asked += [("held-out pairs", concept, colour, seed) for seed in range(seeds)]
    return asked


def evaluate(run_dir: Path, model_dir: Path, seeds: int = 4) -> None:
    """Print the figures as JSON and write them to ``run_dir/evaluation.json``."""
    renders = load_renders(run_dir)
    autoencoder = ae.load(run_dir)
    held = [r for r, c in enumerate(renders.concepts) if c and is_held_out(renders.sets[r], c)]
    report: dict[str, object] = {
        "autoencoder_l1": round(
            ae.reconstruction_l1(autoencoder, ae.validation_images(renders)), 4
        ),
        "autoencoder_l1_held_out_renderings": round(
            ae.reconstruction_l1(autoencoder, on_white(renders.rgba[held])), 4
        ),
    }
    judge = Judge(renders)
    report |= _ceilings(renders, judge)
    pipeline = load_pipeline(model_dir)
    results: dict[str, list[tuple[int, bool]]] = {}
    by_concept: dict[str, list[int]] = {}
    for split, concept, colour, seed in _questions(seeds):
        prompt = _phrase(concept, colour)
        image = generate(pipeline, [prompt], [seed], DEFAULT_STEPS, DEFAULT_GUIDANCE)[0][0]
        rank = judge.ranks(image[None], [concept])[0]
        results.setdefault(split, []).append((rank, dominant_colour(image) == colour))
        by_concept.setdefault(concept, []).append(rank)
    for split, rows in results.items():
        figures: dict[str, float] = {
            "images": len(rows),
            "concept_top1": _percent([rank == 0 for rank, _ in rows]),
            "concept_top5": _percent([rank < 5 for rank, _ in rows]),
        }
        if split != "plain":
            figures["colour"] = _percent([right for _, right in rows])
        report[split] = figures
    weak = {name: ranks for name, ranks in by_concept.items() if min(ranks) > 0}
    report["never_top1"] = sorted(weak)
    text = json.dumps(report, indent=2)
    print(text)
    (run_dir / "evaluation.json").write_text(text + "\n")
