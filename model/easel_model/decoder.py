"""Sharpen the decoder under a frozen encoder, on what the UNet really gives it.

The UNet's training data are the encoder's latents, so the encoder must not
move any more. The decoder may: it learns to draw the right picture from
latents with noise, and from the UNet's own guesses at them.
"""

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import nn
from torch.nn import functional

from easel_model import autoencoder as ae
from easel_model import cache as caches
from easel_model import unet as denoiser
from easel_model import views
from easel_model.icons import IMAGE_SIZE, load_renders
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

BATCH = 8
PEAK_RATE = 1e-3
GUESSES = 0.5
"""Share of latents that are the UNet's guess, once there is a UNet."""

GUESS_TIMES = (100, 650)
"""Times from which the UNet guesses: enough is known there to tell what is drawn."""

FRESH_SECONDS = 300.0
"""How often a UNet that is still in training is read again."""

MARGIN = 3
"""Pixels of the 32×32 level that a quadrant needs around it to be drawn exactly."""


def split_decoder(model: AutoencoderTiny) -> tuple[nn.Sequential, nn.Sequential]:
    """The decoder's layers up to 32×32 and those above, sharing parameters."""
    layers = list(model.decoder.layers)
    cut = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Upsample)][2]
    return nn.Sequential(*layers[:cut]), nn.Sequential(*layers[cut:])


def quadrant(
    low: nn.Module, high: nn.Module, latents: torch.Tensor, down: int, right: int
) -> torch.Tensor:
    """One quarter (0 or 1 down and right) of the decoded pictures, in -1..1.

    Most of the work is in the large levels; drawing a quarter of them leaves
    time for three times as many different pictures.
    """
    features = low(torch.tanh(latents / 3) * 3)
    half = features.shape[-1] // 2
    rows = slice(0, half + MARGIN) if down == 0 else slice(half - MARGIN, None)
    columns = slice(0, half + MARGIN) if right == 0 else slice(half - MARGIN, None)
    drawn = high(features[:, :, rows, columns])
    side = half * IMAGE_SIZE // (2 * half)
    drawn = drawn[:, :, :side] if down == 0 else drawn[:, :, -side:]
    drawn = drawn[:, :, :, :side] if right == 0 else drawn[:, :, :, -side:]
    pixels: torch.Tensor = drawn.mul(2).sub(1)
    return pixels


class _Guesser:
    """The UNet of the last checkpoint, asked for clean latents from noisy ones."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._cache, self.deviation = caches.load(run_dir)
        self._alphas = denoiser.noise_schedule().alphas_cumprod
        self._unet: nn.Module | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read the newest checkpoint, if there is one."""
        if (self._run_dir / denoiser.UNET_FILE).exists():
            self._unet = denoiser.load(self._run_dir)[0].to(memory_format=torch.channels_last)

    def latents(self, rows: torch.Tensor) -> torch.Tensor:
        """Raw clean latents of the pictures ``rows``."""
        return self._cache.latents[rows].float()

    @torch.no_grad()
    def spoil(self, rows: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
        """What the decoder will meet: guesses of the UNet, else noise."""
        size = len(rows)
        noise = ae.LATENT_NOISE * torch.rand(size, 1, 1, 1) * torch.randn_like(clean)
        if self._unet is None:
            return clean + noise
        groups = self._cache.groups[rows]
        places = torch.multinomial(self._cache.shares[groups], 1)
        states = self._cache.states[self._cache.members[groups].gather(1, places)[:, 0]].float()
        times = torch.randint(*GUESS_TIMES, (size,))
        alphas = self._alphas[times]
        noised, _ = denoiser.velocity_pair(clean / self.deviation, torch.randn_like(clean), alphas)
        velocity = self._unet(noised, times, states, return_dict=False)[0].float()
        signal, spread = (value[:, None, None, None].sqrt() for value in (alphas, 1 - alphas))
        guess = (signal * noised - spread * velocity) * self.deviation
        guessed = torch.rand(size, 1, 1, 1) < GUESSES
        return torch.where(guessed, guess, clean + noise)


class _Run:
    """A resumable training run of the decoder."""

    def __init__(self, run_dir: Path, minutes: float) -> None:
        self.path = run_dir / ae.DECODER_FILE
        self.model = ae.load(run_dir).train().to(memory_format=torch.channels_last)
        self.model.encoder.requires_grad_(False)
        self.low, self.high = split_decoder(self.model)
        self.parameters = list(self.model.decoder.parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.ema = Ema(self.model.decoder, 0.998)
        self.budget, self.step = Budget(minutes * 60), 0
        self._held = ae.validation_images(load_renders(run_dir))
        if state := load_checkpoint(self.path):
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.ema.shadow = state["ema"]
            self.step, self.budget.spent = state["step"], state["spent"]
            print(f"resumed at step {self.step}, {self.budget.spent / 60:.1f} min")

    def checkpoint(self) -> None:
        """Validate the averaged weights and save everything."""
        averaged = ae.build().eval()
        averaged.load_state_dict(self.model.state_dict())
        self.ema.copy_to(averaged.decoder)
        l1 = ae.reconstruction_l1(averaged, self._held)
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
        print(f"step {self.step}: validation L1 {l1:.4f}", flush=True)

    def advance(self, spoiled: torch.Tensor, pixels: torch.Tensor) -> tuple[float, float]:
        """One optimiser step on one quadrant; returns loss and L1."""
        rate = learning_rate(PEAK_RATE, self.step, self.budget.progress, warmup=100, hold=0.4)
        set_learning_rate(self.optimizer, rate)
        down, right = (int(place) for place in torch.randint(2, (2,)))
        side = IMAGE_SIZE // 2
        wanted = pixels[
            :, :, down * side : (down + 1) * side, right * side : (right + 1) * side
        ].contiguous(memory_format=torch.channels_last)
        with half_precision():
            output = quadrant(self.low, self.high, spoiled, down, right)
        output = output.float()
        l1 = functional.l1_loss(output, wanted)
        loss = ae.picture_loss(output, wanted)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        self.ema.update(self.model.decoder, self.step)
        self.budget.tick()
        return loss.item(), l1.item()


def tune(run_dir: Path, minutes: float) -> None:
    """Train until ``minutes`` in all are spent; resumes from its checkpoint."""
    run = _Run(run_dir, minutes)
    guesser = _Guesser(run_dir)
    pictures = views.load(run_dir)
    chances = np.sqrt(pictures.weights)
    chances /= chances.sum()
    rng = np.random.default_rng(2000 + run.step)
    progress = Progress(run.budget)
    fresh = saved = run.budget.spent
    while run.budget.left > 0:
        rows = np.sort(rng.choice(len(chances), BATCH, p=chances))
        picked = torch.from_numpy(rows)
        with half_precision():
            spoiled = guesser.spoil(picked, guesser.latents(picked))
        loss, l1 = run.advance(spoiled, ae.to_tensor(np.array(pictures.images[rows])))
        progress.add(run.step, BATCH, loss=loss, l1=l1)
        if run.budget.spent - saved > denoiser.CHECKPOINT_SECONDS:
            saved = run.budget.spent
            run.checkpoint()
        if run.budget.spent - fresh > FRESH_SECONDS:
            fresh = run.budget.spent
            guesser.refresh()
    run.checkpoint()
