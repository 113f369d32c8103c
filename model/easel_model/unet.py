"""The denoiser: v-prediction on 8×8×16 latents, conditioned on 16 text tokens."""

from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from easel_model import cache as caches
from easel_model.autoencoder import LATENT_CHANNELS
from easel_model.text import EMBEDDING_SIZE
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

UNET_FILE = "unet.pt"
BATCH = 32
PEAK_RATE = 1e-3
CAPTION_DROPOUT = 0.1
CHECKPOINT_SECONDS = 240.0
NOISY_TIMES = 0.55
"""Exponent on uniform times: under 1 trains more on noisy latents.

The decoder forgives the last remainder of noise, so the steps that settle
what is drawn matter more than those that polish it.
"""


def build() -> UNet2DConditionModel:
    """18 M parameters.

    The caption acts twice: token by token through cross-attention at 4×4, and
    as a whole, pooled and added to the time embedding, at every layer. The
    latter makes it learn the nouns several times sooner.
    """
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(128, 256),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=EMBEDDING_SIZE,
        attention_head_dim=(2, 4),
        addition_embed_type="text",
        addition_embed_type_num_heads=6,
        resnet_time_scale_shift="scale_shift",
    )


def noise_schedule() -> DDIMScheduler:
    """Cosine schedule with no signal left at the last step, for v-prediction.

    Zero terminal signal and trailing spacing: Lin et al., "Common Diffusion
    Noise Schedules and Sample Steps are Flawed", 2023.
    """
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
    )


def velocity_pair(
    latents: torch.Tensor, noise: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Noised latents and their v target, both (N, C, H, W).

    ``alphas_cumprod`` is (N,). v = √ᾱ·noise - √(1-ᾱ)·latents: Salimans and
    Ho, "Progressive Distillation", 2022.
    """
    signal = alphas_cumprod.sqrt()[:, None, None, None]
    spread = (1 - alphas_cumprod).sqrt()[:, None, None, None]
    return signal * latents + spread * noise, signal * noise - spread * latents


class _Sampler:
    """Draws training batches from the cache."""

    def __init__(self, cache: caches.Cache, deviation: float, seed: int) -> None:
        self._cache = cache
        self._deviation = deviation
        self._generator = torch.Generator().manual_seed(seed)

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents of unit variance (N, 16, 8, 8) and text states (N, 16, 384)."""
        cache, generator = self._cache, self._generator
        rows = torch.multinomial(cache.weights, size, replacement=True, generator=generator)
        groups = cache.groups[rows]
        places = torch.multinomial(cache.shares[groups], 1, generator=generator)
        states = cache.states[cache.members[groups].gather(1, places)[:, 0]].float()
        dropped = torch.rand(size, generator=generator) < CAPTION_DROPOUT
        states[dropped] = cache.empty.float()
        return cache.latents[rows].float() / self._deviation, states


def train(run_dir: Path, minutes: float) -> None:
    """Train until ``minutes`` in all are spent; resumes from ``unet.pt``."""
    cache, deviation = caches.load(run_dir)
    torch.manual_seed(3)
    model = build().to(memory_format=torch.channels_last)
    # For so few positions plain matrix products beat the fused attention.
    model.set_attn_processor(AttnProcessor())
    torch.nn.init.zeros_(model.conv_out.weight)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    ema = Ema(model, 0.998)
    budget = Budget(minutes * 60)
    step = born = 0
    path = run_dir / UNET_FILE
    if state := load_checkpoint(path):
        model.load_state_dict(state["model"])
        ema.shadow = state["ema"]
        step, budget.spent = state["step"], state["spent"]
        born = state.get("born", 0)
        if "optimizer" in state:
            optimizer.load_state_dict(state["optimizer"])
        else:
            born = step
        print(f"resumed at step {step}, {budget.spent / 60:.1f} min")
    sampler = _Sampler(cache, deviation, seed=5000 + step)
    alphas = noise_schedule().alphas_cumprod
    progress = Progress(budget)
    saved = budget.spent

    def checkpoint() -> None:
        state = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "ema": ema.shadow,
            "step": step,
            "spent": budget.spent,
            "born": born,
        }
        save_atomically(state, path)
        print(f"step {step}: saved", flush=True)

    while budget.left > 0:
        rate = learning_rate(PEAK_RATE, step - born, budget.progress, warmup=200, hold=0.6)
        set_learning_rate(optimizer, rate)
        latents, states = sampler.batch(BATCH)
        # One time per equal slice of the schedule: less noise in the gradient.
        slices = (torch.arange(BATCH) + torch.rand(BATCH)) / BATCH
        times = (slices**NOISY_TIMES * len(alphas)).long().clamp(max=len(alphas) - 1)
        noised, target = velocity_pair(latents, torch.randn_like(latents), alphas[times])
        noised = noised.contiguous(memory_format=torch.channels_last)
        with half_precision():
            predicted = model(noised, times, states, return_dict=False)[0]
        loss = (predicted.float() - target).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        ema.update(model, step)
        budget.tick()
        progress.add(step, BATCH, loss=loss.item())
        if budget.spent - saved > CHECKPOINT_SECONDS:
            saved = budget.spent
            checkpoint()
    checkpoint()


def load(run_dir: Path) -> tuple[UNet2DConditionModel, int]:
    """The averaged UNet of the last checkpoint, and its step."""
    state = load_checkpoint(run_dir / UNET_FILE)
    if state is None:
        raise FileNotFoundError(f"no unet.pt in {run_dir}: run train-unet first")
    model = build()
    model.load_state_dict(state["model"])
    with torch.no_grad():
        for parameter, average in zip(model.parameters(), state["ema"], strict=True):
            parameter.copy_(average)
    return model.eval(), int(state["step"])
