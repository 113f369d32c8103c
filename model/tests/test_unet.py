"""The training target and schedule are what the shipped sampler expects."""

import torch

from easel_model.export import scheduler
from easel_model.unet import noise_schedule, velocity_pair


def test_no_signal_is_left_at_the_last_step() -> None:
    assert noise_schedule().alphas_cumprod[-1] < 1e-6


def test_velocity_agrees_with_diffusers() -> None:
    torch.manual_seed(0)
    latents, noise = torch.randn(2, 4, 16, 8, 8)[:, :, :, 0, 0].reshape(2, 4, 16, 1, 1).unbind()
    times = torch.tensor([0, 300, 700, 999])
    training = noise_schedule()
    noised, target = velocity_pair(latents, noise, training.alphas_cumprod[times])
    torch.testing.assert_close(noised, training.add_noise(latents, noise, times))
    torch.testing.assert_close(target, training.get_velocity(latents, noise, times))


def test_the_shipped_sampler_starts_at_pure_noise() -> None:
    sampler = scheduler()
    sampler.set_timesteps(10)
    assert sampler.timesteps[0] == 999
    assert sampler.config.prediction_type == "v_prediction"
