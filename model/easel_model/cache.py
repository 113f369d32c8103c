"""Precompute what the UNet sees: latents of views and states of captions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from easel_model import autoencoder as ae
from easel_model.augment import SET_WEIGHTS, View, is_held_out, jitter, may_paint
from easel_model.captions import captions
from easel_model.concepts import HELD_OUT_PAIRS, LATER
from easel_model.icons import Renders, load_renders
from easel_model.recolour import COLOURS, natural_colour, on_white, recolour
from easel_model.text import TextEncoder
from easel_model.training import load_checkpoint, save_atomically

DRAWN_SETS: frozenset[str] = frozenset({"fluent-emoji-flat", "fluent-emoji", "noto"})
"""Sets that the UNet learns to draw: three that agree in composition."""

EXTRA_WEIGHTS: dict[str, float] = {
    "rocket": 4.0,
    "house": 3.0,
    "cat": 2.0,
    "dog": 2.0,
    "car": 2.0,
    "heart": 2.0,
    "star": 2.0,
    "tree": 2.0,
    "flower": 2.0,
    "robot": 2.0,
}
"""What people try first is seen more often."""

NATURAL_SHARE = 0.4
"""Share of views in the icon's own colours."""

NATURAL_VIEWS = 5
PAINTED_VIEWS = 1
"""Views per rendering; each rendering comes in two sizes."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Training data of the UNet.

    ``latents`` float16 (N, 16, 8, 8), raw; ``weights`` float32 (N,) sampling
    weights; ``groups`` int64 (N,) index into the caption groups; a group's
    captions are rows ``members`` (G, M) of ``states`` float16 (C, 16, 384),
    drawn with ``shares`` (G, M). ``empty`` is the state of "".
    """

    latents: torch.Tensor
    weights: torch.Tensor
    groups: torch.Tensor
    members: torch.Tensor
    shares: torch.Tensor
    states: torch.Tensor
    empty: torch.Tensor


def _row_views(
    renders: Renders, row: int, rng: np.random.Generator
) -> list[tuple[View, float, str]]:
    """Views of one rendering as (view, weight, natural colour).

    Not flipped: a rocket that may point either way is learned at half speed.
    """
    set_name, concept = renders.sets[row], renders.concepts[row]
    base = renders.rgba[row]
    weight = SET_WEIGHTS[set_name]
    natural = natural_colour(base)
    if (concept, natural) in HELD_OUT_PAIRS:
        natural = ""
    views = [
        (
            View(on_white(jitter(base, rng, flip=False)), concept, ""),
            weight / NATURAL_VIEWS,
            natural,
        )
        for _ in range(NATURAL_VIEWS)
    ]
    colours = [colour for colour in COLOURS if may_paint(set_name, concept, colour)]
    share = (1 - NATURAL_SHARE) / NATURAL_SHARE
    for colour in colours:
        painted = recolour(base, colour)
        for _ in range(PAINTED_VIEWS):
            view = View(on_white(jitter(painted, rng, flip=False)), concept, colour)
            views.append((view, weight * share / len(colours) / PAINTED_VIEWS, ""))
    return views


def _collect(
    renders: Renders,
) -> tuple[NDArray[np.uint8], list[float], list[tuple[str, str, str]]]:
    rng = np.random.default_rng(11)
    images: list[NDArray[np.uint8]] = []
    weights: list[float] = []
    keys: list[tuple[str, str, str]] = []
    for row, (set_name, concept) in enumerate(zip(renders.sets, renders.concepts, strict=True)):
        if not concept or concept in LATER or set_name not in DRAWN_SETS:
            continue
        if is_held_out(set_name, concept):
            continue
        for view, weight, natural in _row_views(renders, row, rng):
            images.append(view.image)
            weights.append(weight)
            keys.append((concept, view.colour, natural))
    totals: dict[str, float] = {}
    for (concept, _, _), weight in zip(keys, weights, strict=True):
        totals[concept] = totals.get(concept, 0.0) + weight
    balanced = [
        EXTRA_WEIGHTS.get(key[0], 1.0) * weight / totals[key[0]]
        for weight, key in zip(weights, keys, strict=True)
    ]
    return np.stack(images), balanced, keys


def _group_captions(key: tuple[str, str, str]) -> list[tuple[str, float]]:
    """Captions of a view: half of them name a natural colour when it has one."""
    concept, colour, natural = key
    if not natural:
        return captions(concept, colour)
    plain = [(text, share / 2) for text, share in captions(concept, "")]
    return plain + [(text, share / 2) for text, share in captions(concept, natural)]


def build(run_dir: Path) -> None:
    """Write ``run_dir/cache.pt``; raises RuntimeError when the gate is missed."""
    state = load_checkpoint(run_dir / ae.AUTOENCODER_FILE)
    if state is None or state["l1"] > ae.GATE:
        raise RuntimeError(f"autoencoder L1 is not under {ae.GATE}: train it longer")
    model = ae.load(run_dir).to(memory_format=torch.channels_last)
    images, weights, keys = _collect(load_renders(run_dir))
    print(f"{len(images)} views of {len({key[0] for key in keys})} concepts", flush=True)
    with torch.no_grad():
        latents = torch.cat(
            [
                ae.encode(model, ae.to_tensor(images[start : start + 64])).half()
                for start in range(0, len(images), 64)
            ]
        )
    groups = sorted(set(keys))
    texts: dict[str, int] = {}
    listed = [_group_captions(group) for group in groups]
    width = max(len(group) for group in listed)
    members = torch.zeros(len(groups), width, dtype=torch.int64)
    shares = torch.zeros(len(groups), width)
    for number, group in enumerate(listed):
        for place, (text, share) in enumerate(group):
            members[number, place] = texts.setdefault(text, len(texts))
            shares[number, place] = share
    print(f"{len(latents)} latents, {len(texts)} captions", flush=True)
    encoder = TextEncoder()
    states = encoder(list(texts)).half()
    index = {group: number for number, group in enumerate(groups)}
    flat = latents.float()
    save_atomically(
        {
            "latents": latents,
            "weights": torch.tensor(weights),
            "groups": torch.tensor([index[key] for key in keys]),
            "members": members,
            "shares": shares,
            "states": states,
            "empty": encoder([""]).half(),
            "latent_deviation": flat.std().item(),
        },
        run_dir / "cache.pt",
    )
    channels = torch.std_mean(flat, dim=(0, 2, 3))
    print(f"latent deviation {flat.std():.3f}; by channel {channels[0].tolist()}")
    print(f"channel means {channels[1].tolist()}")


def load(run_dir: Path) -> tuple[Cache, float]:
    """The cache and the deviation of its latents (for the scaling factor)."""
    state = load_checkpoint(run_dir / "cache.pt")
    if state is None:
        raise FileNotFoundError(f"no cache.pt in {run_dir}: run cache first")
    deviation = float(state.pop("latent_deviation"))
    return Cache(**state), deviation
