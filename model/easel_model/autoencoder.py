"""The image autoencoder: 128×128×3 pixels ↔ 8×8×16 latents."""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from torch.nn import functional

from easel_model.grow import grow
from easel_model.icons import JUDGE_ONLY, Renders, load_renders
from easel_model.recolour import on_white
from easel_model.training import (
    Budget,
    Ema,
    Progress,
    half_precision,
    learning_rate,
    load_checkpoint,
    save_atomically,
    set_learning_rate,
)
from easel_model.views import PictureStream, is_held_out, jitter
from easel_model.views import load as load_views

AUTOENCODER_FILE = "autoencoder.pt"
DECODER_FILE = "decoder.pt"
LATENT_CHANNELS = 16
GATE = 0.08
"""Largest validation L1 (pixels in -1..1) with which the UNet may be trained."""

BATCH = 8
PEAK_RATE = 1.5e-3
LATENT_NOISE = 0.5
"""Largest deviation of the noise on latents of unit variance.

The pictures are a finite world, so the decoder can tell them apart through
much noise, and then forgives the UNet's errors: it draws the nearest sharp
picture instead of a blurred one.
"""

WIDTH = 64


def build() -> AutoencoderTiny:
    """A narrow-topped AutoencoderTiny: depth sits where pixels are few."""
    return AutoencoderTiny(
        encoder_block_out_channels=(WIDTH,) * 5,
        decoder_block_out_channels=(WIDTH,) * 5,
        num_encoder_blocks=(0, 0, 0, 2, 3),
        num_decoder_blocks=(6, 4, 2, 1, 0),
        latent_channels=LATENT_CHANNELS,
        scaling_factor=1.0,
    )


def to_tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (N, H, W, 3) → float32 (N, 3, H, W) in -1..1, channels last."""
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return pixels.float().div_(127.5).sub_(1)


def to_images(pixels: torch.Tensor) -> NDArray[np.uint8]:
    """float (N, 3, H, W) in -1..1 → uint8 (N, H, W, 3)."""
    scaled = pixels.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return np.asarray(scaled.permute(0, 2, 3, 1).contiguous().numpy())


def _gradient_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    error = output - target
    return (error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()) / 2


def picture_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Pixels, outlines (differences of neighbours) and masses (means of 8×8)."""
    masses = functional.l1_loss(functional.avg_pool2d(output, 8), functional.avg_pool2d(target, 8))
    return functional.l1_loss(output, target) + _gradient_loss(output, target) + masses


def _moment_loss(latents: torch.Tensor) -> torch.Tensor:
    """Distance of each channel's mean and deviation from 0 and 1."""
    deviation, mean = torch.std_mean(latents, dim=(0, 2, 3))
    return mean.square().mean() + (deviation - 1).square().mean()


def validation_images(renders: Renders) -> NDArray[np.uint8]:
    """Held-out renderings and shifted concepts, uint8 RGB (N, 128, 128, 3)."""
    rng = np.random.default_rng(7)
    rows = [row for row, name in enumerate(renders.sets) if name not in JUDGE_ONLY]
    held = [row for row in rows if is_held_out(renders.sets[row], renders.concepts[row])]
    chosen = held + rng.choice(rows, 192 - len(held), replace=False).tolist()
    return np.stack([on_white(jitter(renders.rgba[row], rng)) for row in chosen])


@torch.no_grad()
def reconstruction_l1(model: AutoencoderTiny, images: NDArray[np.uint8]) -> float:
    """Mean absolute error in -1..1 over whole images."""
    total = 0.0
    for chunk in np.array_split(images, max(1, len(images) // 32)):
        pixels = to_tensor(chunk)
        total += (decode(model, encode(model, pixels)) - pixels).abs().mean().item() * len(chunk)
    return total / len(images)


def encode(model: AutoencoderTiny, pixels: torch.Tensor) -> torch.Tensor:
    """(N, 3, 128, 128) in -1..1 → raw latents (N, 16, 8, 8)."""
    latents: torch.Tensor = model.encode(pixels).latents
    return latents


def decode(model: AutoencoderTiny, latents: torch.Tensor) -> torch.Tensor:
    """Raw latents (N, 16, 8, 8) → clamped pixels (N, 3, 128, 128) in -1..1."""
    pixels: torch.Tensor = model.decode(latents).sample
    return pixels.clamp(-1, 1)


def load(run_dir: Path) -> AutoencoderTiny:
    """The averaged weights, with the tuned decoder when there is one.

    Raises FileNotFoundError when nothing has been trained yet.
    """
    state = load_checkpoint(run_dir / DECODER_FILE) or load_checkpoint(run_dir / AUTOENCODER_FILE)
    if state is None:
        raise FileNotFoundError(f"no {AUTOENCODER_FILE} in {run_dir}: run train-autoencoder first")
    model = build()
    model.load_state_dict(state["average"])
    return model.eval()


class _Run:
    """A resumable training run of the whole autoencoder."""

    def __init__(self, run_dir: Path, minutes: float, start_from: Path | None) -> None:
        self.path = run_dir / AUTOENCODER_FILE
        self.model = build()
        self.model.train().to(memory_format=torch.channels_last)
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.ema = Ema(self.model, 0.998)
        self.budget = Budget(minutes * 60)
        self.step = 0
        self.renders = load_renders(run_dir)
        self._held = validation_images(self.renders)
        if state := load_checkpoint(self.path):
            self.model.load_state_dict(state["model"])
            if "optimizer" in state:  # not after `adopt`
                self.optimizer.load_state_dict(state["optimizer"])
            self.ema.shadow = state["ema"]
            self.step, self.budget.spent = state["step"], state["spent"]
            print(f"resumed at step {self.step}, {self.budget.spent / 60:.1f} min")
        elif start_from:
            grow(AutoencoderTiny.from_pretrained(start_from, torch_dtype=torch.float32), self.model)
            self.ema = Ema(self.model, 0.998)

    def checkpoint(self) -> None:
        """Validate the averaged weights and save everything."""
        averaged = build().eval()
        self.ema.copy_to(averaged)
        l1 = reconstruction_l1(averaged, self._held)
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "ema": self.ema.shadow,
            "average": averaged.state_dict(),
            "step": self.step,
            "spent": self.budget.spent,
            "l1": l1,
        }
        save_atomically(state, self.path)
        print(f"step {self.step}: validation L1 {l1:.4f} (gate {GATE})", flush=True)

    def advance(self, pixels: torch.Tensor) -> tuple[float, float]:
        """One optimiser step on (N, 3, 128, 128); returns loss and L1."""
        rate = learning_rate(PEAK_RATE, self.step, self.budget.progress, warmup=150, hold=0.4)
        set_learning_rate(self.optimizer, rate)
        with half_precision():
            latents = encode(self.model, pixels)
            noise = LATENT_NOISE * torch.rand(len(pixels), 1, 1, 1) * torch.randn_like(latents)
            output = self.model.decode(latents + noise).sample
        output, latents = output.float(), latents.float()
        l1 = functional.l1_loss(output, pixels)
        loss = picture_loss(output, pixels) + 0.02 * _moment_loss(latents)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        self.ema.update(self.model, self.step)
        self.budget.tick()
        return loss.item(), l1.item()


def train(run_dir: Path, minutes: float, start_from: Path | None = None) -> None:
    """Train until ``minutes`` in all are spent; resumes from its checkpoint.

    ``start_from`` is the folder of an autoencoder of half the size to begin
    with, see :mod:`easel_model.grow`.
    """
    run = _Run(run_dir, minutes, start_from)
    stream = PictureStream(load_views(run_dir), run.renders, seed=1000 + run.step)
    progress = Progress(run.budget)
    while run.budget.left > 0:
        loss, l1 = run.advance(to_tensor(stream.batch(BATCH)))
        progress.add(run.step, BATCH, loss=loss, l1=l1)
        if run.step % 500 == 0:
            run.checkpoint()
    run.checkpoint()
