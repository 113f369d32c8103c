"""Precompute what the UNet sees: latents of pictures and states of captions."""

from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderTiny

from easel_model import autoencoder as ae
from easel_model import views
from easel_model.captions import captions
from easel_model.styles import STYLES
from easel_model.text import TextEncoder
from easel_model.training import half_precision, load_checkpoint, save_atomically
from easel_model.views import Subject


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


def subject_captions(subject: Subject) -> list[tuple[str, float]]:
    """Captions of a picture with their shares.

    Some name the style, by the style's own share; half of them name a natural
    colour when the picture has one.
    """
    colours = [(subject.natural, 0.5), ("", 0.5)] if subject.natural else [(subject.colour, 1.0)]
    named = STYLES[subject.icon_set].named
    found: dict[str, float] = {}
    for colour, share in colours:
        for icon_set, part in ((subject.icon_set, named), ("", 1 - named)):
            if part:
                for text, chance in captions(subject.concept, colour, icon_set, subject.extra):
                    found[text] = found.get(text, 0.0) + share * part * chance
    return list(found.items())


def _encode(model: AutoencoderTiny, pictures: views.Views) -> torch.Tensor:
    parts = []
    with torch.no_grad(), half_precision():
        for start in range(0, len(pictures.images), 64):
            pixels = ae.to_tensor(pictures.images[start : start + 64])
            parts.append(ae.encode(model, pixels).half())
    return torch.cat(parts)


@dataclass(frozen=True, slots=True)
class _Captions:
    """``texts`` of all groups; a group draws ``texts[members[g]]`` by ``shares[g]``."""

    groups: dict[Subject, int]
    texts: list[str]
    members: torch.Tensor
    shares: torch.Tensor


def _list_captions(pictures: views.Views) -> _Captions:
    groups = sorted(set(pictures.subjects), key=repr)
    texts: dict[str, int] = {}
    listed = [subject_captions(group) for group in groups]
    width = max(len(group) for group in listed)
    members = torch.zeros(len(groups), width, dtype=torch.int64)
    shares = torch.zeros(len(groups), width)
    for number, group in enumerate(listed):
        for place, (text, share) in enumerate(group):
            members[number, place] = texts.setdefault(text, len(texts))
            shares[number, place] = share
    index = {group: number for number, group in enumerate(groups)}
    return _Captions(index, list(texts), members, shares)


def encode_captions(run_dir: Path) -> tuple[_Captions, torch.Tensor, torch.Tensor]:
    """All captions with their states and that of ""; kept in ``run_dir/captions.pt``.

    Needs ``views`` only, so it can run beside the autoencoder's training.
    """
    found = _list_captions(views.load(run_dir))
    state = load_checkpoint(run_dir / "captions.pt")
    if state is None or state["texts"] != found.texts:
        encoder = TextEncoder()
        with half_precision():
            states = encoder(found.texts, half=True)
        state = {"texts": found.texts, "states": states, "empty": encoder([""], half=True)}
        save_atomically(state, run_dir / "captions.pt")
    return found, state["states"], state["empty"]


def build(run_dir: Path) -> None:
    """Write ``run_dir/cache.pt``; raises RuntimeError when the gate is missed."""
    state = load_checkpoint(run_dir / ae.AUTOENCODER_FILE)
    if state is None or state["l1"] > ae.GATE:
        raise RuntimeError(f"autoencoder L1 is not under {ae.GATE}: train it longer")
    found, states, empty = encode_captions(run_dir)
    model = ae.load(run_dir).to(memory_format=torch.channels_last)
    pictures = views.load(run_dir)
    latents = _encode(model, pictures)
    print(f"{len(latents)} latents, {len(found.texts)} captions", flush=True)
    flat = latents.float()
    save_atomically(
        {
            "latents": latents,
            "weights": torch.from_numpy(pictures.weights).float(),
            "groups": torch.tensor([found.groups[subject] for subject in pictures.subjects]),
            "members": found.members,
            "shares": found.shares,
            "states": states,
            "empty": empty,
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
