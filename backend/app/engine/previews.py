"""Small pictures from half-made latents, cheap enough to show while the model runs.

A tiny autoencoder (TAESD's shape, https://github.com/madebyollin/taesd) decodes them itself. A large one costs more
than two steps of its model, so its place is taken by a linear map from one latent to one RGB pixel, fitted once by
least squares against the real decoder (the idea: "Decoding latents to RGB without upscaling", Hugging Face forum).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import torch
from diffusers import AutoencoderTiny
from PIL import Image

# 32 latents a side are 256 pixels after the usual factor of 8: enough for a preview.
MAX_LATENT_SIDE = 32
GRID_DIMENSIONS = 4
MIN_SECONDS_BETWEEN = 0.25
MAX_SHARE_OF_TIME = 0.1

CALIBRATION_LATENTS = 8
CALIBRATION_SIDE = 8
CALIBRATION_SEED = 20


class LatentDecoder(Protocol):
    """Latents as the scheduler sees them, (batch, channels, height, width), to RGB in 0..1, (batch, 3, h, w)."""

    def __call__(self, latents: torch.Tensor) -> torch.Tensor: ...


class PreviewMaker:
    """Decides when a preview is due and makes it. One for each run, used from the engine's thread only.

    Previews come at most four times a second, and together take at most a tenth of the time that has passed.
    """

    def __init__(self, decode: LatentDecoder | None, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` in seconds."""
        self._decode = decode
        self._clock = clock
        self._started = self._last = clock()
        self._spent = 0.0
        self._cost = 0.0

    def due(self) -> bool:
        if self._decode is None:
            return False
        now = self._clock()
        affordable = self._spent + self._cost <= MAX_SHARE_OF_TIME * (now - self._started)
        return affordable and now - self._last >= MIN_SECONDS_BETWEEN

    def make(self, latents: torch.Tensor) -> tuple[Image.Image, ...]:
        """One picture per latent. Empty when the latents aren't a grid (packed ones, as Flux has them)."""
        if self._decode is None or latents.ndim != GRID_DIMENSIONS:
            return ()
        begun = self._clock()
        pictures = to_pictures(self._decode(_shrunk(latents)))
        self._last = self._clock()
        self._spent += self._last - begun
        self._cost = self._last - begun
        return pictures


def preview_decoder(vae: Any) -> LatentDecoder | None:
    """The cheapest good decoder for this autoencoder; None when it has none that we know how to call.

    For a large autoencoder this runs its decoder once on tiny latents: for Stable Diffusion's an eighth of the cost of
    one picture's, about 3 s on two cores.
    """
    if isinstance(vae, AutoencoderTiny):
        return _TinyDecoder(vae)
    if getattr(vae.config, "latent_channels", None) is None or not hasattr(vae, "decode"):
        return None
    return _LinearDecoder(vae)


def to_pictures(rgb: torch.Tensor) -> tuple[Image.Image, ...]:
    """(batch, 3, h, w) in 0..1 to pictures."""
    pixels = rgb.float().clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return tuple(Image.fromarray(picture) for picture in pixels)


class _TinyDecoder:
    def __init__(self, vae: AutoencoderTiny) -> None:
        self._vae = vae

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        return _decode(self._vae, latents)


class _LinearDecoder:
    """RGB = latent · weights + offset, for every position alone."""

    def __init__(self, vae: Any) -> None:
        channels = vae.config.latent_channels
        generator = torch.Generator("cpu").manual_seed(CALIBRATION_SEED)
        # Coarse noise, magnified: the decoder answers smooth latents with flat colours, and colours are what we fit.
        side = CALIBRATION_SIDE // 2
        coarse = torch.randn(CALIBRATION_LATENTS, channels, side, side, generator=generator)
        latents = torch.nn.functional.interpolate(coarse, size=CALIBRATION_SIDE, mode="bilinear")
        latents = latents.to(device=vae.device, dtype=vae.dtype)
        pixels = _decode(vae, latents).float()
        colours = torch.nn.functional.adaptive_avg_pool2d(pixels, CALIBRATION_SIDE)
        known = _with_ones(latents.float()).cpu()
        solution = torch.linalg.lstsq(known, colours.permute(0, 2, 3, 1).reshape(-1, 3).cpu()).solution
        if not torch.isfinite(solution).all():
            # Some large decoders overflow in half precision.
            raise ValueError("the decoder gives no finite colours")
        self._solution = solution.to(vae.device)

    def __call__(self, latents: torch.Tensor) -> torch.Tensor:
        batch, _, height, width = latents.shape
        rgb: torch.Tensor = _with_ones(latents.float()) @ self._solution
        return rgb.reshape(batch, height, width, 3).permute(0, 3, 1, 2)


def _with_ones(latents: torch.Tensor) -> torch.Tensor:
    """(batch, channels, h, w) to (batch · h · w, channels + 1)."""
    rows = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    return torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)


def _decode(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    scaled = latents.to(vae.dtype) / vae.config.scaling_factor + shift
    pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0] / 2 + 0.5
    return pixels


def _shrunk(latents: torch.Tensor) -> torch.Tensor:
    side = max(latents.shape[-2:])
    if side <= MAX_LATENT_SIDE:
        return latents
    scale = MAX_LATENT_SIDE / side
    size = [max(1, round(length * scale)) for length in latents.shape[-2:]]
    return torch.nn.functional.interpolate(latents, size=size, mode="area")
