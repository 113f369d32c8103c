"""Growing keeps what the small autoencoder knew; quadrants are the picture."""

import pytest
import torch
from diffusers import AutoencoderTiny
from torch import nn
from torch.nn import functional

from easel_model import autoencoder as ae
from easel_model.decoder import quadrant, split_decoder
from easel_model.grow import grow


@pytest.fixture
def small() -> AutoencoderTiny:
    torch.manual_seed(0)
    return AutoencoderTiny(
        encoder_block_out_channels=(64,) * 4,
        decoder_block_out_channels=(64,) * 4,
        num_encoder_blocks=(0, 0, 1, 3),
        num_decoder_blocks=(3, 2, 1, 0),
        latent_channels=ae.LATENT_CHANNELS,
    ).eval()


def until_upsampling(model: AutoencoderTiny, levels: int) -> nn.Sequential:
    """The decoder's layers including the convolution after the n-th upsampling."""
    layers = list(model.decoder.layers)
    places = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Upsample)]
    return nn.Sequential(*layers[: places[levels - 1] + 2])


@torch.no_grad()
def test_the_grown_encoder_agrees_with_the_small_one(small: AutoencoderTiny) -> None:
    large = ae.build().eval()
    grow(small, large)
    smooth = functional.interpolate(torch.rand(2, 3, 8, 8), size=128, mode="bicubic")
    wanted = small.encode(functional.avg_pool2d(smooth, 2)).latents
    difference = (large.encode(smooth).latents - wanted)[:, :, 1:-1, 1:-1].abs().mean()
    assert difference < 0.25 * wanted.std()


@torch.no_grad()
def test_the_grown_decoder_starts_with_the_small_ones_features(small: AutoencoderTiny) -> None:
    large = ae.build().eval()
    grow(small, large)
    latents = torch.randn(2, ae.LATENT_CHANNELS, 8, 8)
    wanted, found = until_upsampling(small, 3)(latents), until_upsampling(large, 3)(latents)
    torch.testing.assert_close(found, wanted)


@torch.no_grad()
@pytest.mark.parametrize("down", [0, 1])
@pytest.mark.parametrize("right", [0, 1])
def test_a_quadrant_is_a_quarter_of_the_picture(down: int, right: int) -> None:
    model = ae.build().eval()
    latents = torch.randn(2, ae.LATENT_CHANNELS, 8, 8)
    whole = model.decode(latents).sample
    part = quadrant(*split_decoder(model), latents, down, right)
    wanted = whole[:, :, 64 * down : 64 * down + 64, 64 * right : 64 * right + 64]
    torch.testing.assert_close(part, wanted)


def test_the_loss_is_nothing_for_the_same_picture_and_sees_colour_and_edges() -> None:
    picture = torch.rand(1, 3, 32, 32)
    assert ae.picture_loss(picture, picture) == 0
    moved = picture.roll(1, dims=3)
    assert ae.picture_loss(moved, picture) > functional.l1_loss(moved, picture)
