"""The cheap stand-in for a large decoder, fitted to a real `AutoencoderKL` with random weights."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from diffusers import AutoencoderKL

from app.engine.previews import PreviewMaker, preview_decoder, to_pictures


def large_autoencoder() -> AutoencoderKL:
    torch.manual_seed(3)
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
    ).eval()


@torch.inference_mode()
def test_the_linear_decoder_is_nearer_to_the_real_one_than_one_flat_colour() -> None:
    vae = large_autoencoder()
    decode = preview_decoder(vae)
    assert decode is not None
    coarse = torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(1))
    latents = torch.nn.functional.interpolate(coarse, size=12, mode="bilinear")
    real = vae.decode(latents / vae.config.scaling_factor).sample / 2 + 0.5
    wanted = torch.nn.functional.adaptive_avg_pool2d(real, 12)
    guessed = decode(latents)
    assert guessed.shape == wanted.shape
    flat = (wanted - wanted.mean(dim=(0, 2, 3), keepdim=True)).square().mean()
    assert (guessed - wanted).square().mean() < 0.8 * flat


def test_an_autoencoder_without_latents_has_no_preview() -> None:
    assert preview_decoder(SimpleNamespace(config=SimpleNamespace())) is None


def test_pictures_are_cut_to_the_range_of_bytes() -> None:
    rgb = torch.tensor([-1.0, 0.5, 2.0]).reshape(1, 3, 1, 1)
    assert to_pictures(rgb)[0].getpixel((0, 0)) == (0, 128, 255)


def test_packed_latents_give_no_preview() -> None:
    assert PreviewMaker(lambda latents: latents).make(torch.zeros(1, 64, 16)) == ()


def test_large_latents_are_shrunk_before_they_are_decoded() -> None:
    seen: list[tuple[int, ...]] = []

    def decode(latents: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(latents.shape))
        return latents[:, :3]

    PreviewMaker(decode).make(torch.zeros(1, 4, 128, 64))
    assert seen == [(1, 4, 32, 16)]


def test_a_preview_that_would_cost_too_much_waits() -> None:
    now = 0.0

    def slow(latents: torch.Tensor) -> torch.Tensor:
        nonlocal now
        now += 0.125
        return latents[:, :3]

    maker = PreviewMaker(slow, lambda: now)
    now = 0.25
    assert maker.due()
    maker.make(torch.zeros(1, 4, 2, 2))
    # An eighth of a second was spent, and as much again would be: due when that is a tenth of the time.
    now = 2.375
    assert not maker.due()
    now = 2.5
    assert maker.due()
