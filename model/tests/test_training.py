"""A training run may be killed at any moment and goes on from its checkpoint."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import torch

from easel_model import autoencoder as ae
from easel_model import unet
from easel_model.adopt import adopt
from easel_model.training import Budget, Ema, learning_rate, load_checkpoint, save_atomically


def test_a_kill_while_saving_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.pt"
    save_atomically({"step": 1}, path)

    def dies(_state: dict[str, Any], file: BinaryIO) -> None:
        file.write(b"half a checkpoint")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        save_atomically({"step": 2}, path)
    assert load_checkpoint(path) == {"step": 1}


def test_the_unet_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    torch.save(
        {
            "latents": torch.randn(4, 16, 8, 8).half(),
            "weights": torch.ones(4),
            "groups": torch.tensor([0, 0, 1, 1]),
            "members": torch.tensor([[0, 1], [2, 0]]),
            "shares": torch.tensor([[0.5, 0.5], [1.0, 0.0]]),
            "states": torch.randn(3, 16, 384).half(),
            "empty": torch.randn(1, 16, 384).half(),
            "latent_deviation": 1.0,
        },
        tmp_path / "cache.pt",
    )
    monkeypatch.setattr(unet, "BATCH", 2)
    unet.train(tmp_path, minutes=1e-6)
    first = load_checkpoint(tmp_path / unet.UNET_FILE)
    assert first is not None
    assert first["step"] == 1
    unet.train(tmp_path, minutes=first["spent"] / 60 + 1e-6)
    second = load_checkpoint(tmp_path / unet.UNET_FILE)
    assert second is not None
    assert second["step"] == 2
    assert second["spent"] > first["spent"]
    _, step = unet.load(tmp_path)
    assert step == 2


def test_the_rate_rises_holds_and_falls() -> None:
    rates = [learning_rate(1.0, 1000, share / 10, warmup=10, hold=0.5) for share in range(11)]
    assert learning_rate(1.0, 4, 0.0, warmup=10) == 0.5
    assert rates[:6] == [1.0] * 6
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.02)


def test_a_longer_budget_on_resume_leaves_time() -> None:
    assert Budget(total=100, spent=100).left == 0
    assert Budget(total=300, spent=100).progress == pytest.approx(1 / 3)


def test_the_average_follows_the_weights() -> None:
    module = torch.nn.Linear(1, 1, bias=False)
    ema = Ema(module, 0.9)
    with torch.no_grad():
        module.weight.fill_(5.0)
    for step in range(1, 200):
        ema.update(module, step)
    copy = torch.nn.Linear(1, 1, bias=False)
    ema.copy_to(copy)
    assert copy.weight.item() == pytest.approx(5.0, abs=0.01)


def test_exported_weights_can_be_trained_on(tmp_path: Path) -> None:
    torch.manual_seed(1)
    weights, run = tmp_path / "weights", tmp_path / "run"
    denoiser, autoencoder = unet.build(), ae.build()
    denoiser.save_pretrained(weights / "unet")
    autoencoder.save_pretrained(weights / "vae")
    done = {"steps": 7, "seconds": 60, "l1": 0.05}
    (weights / "easel.json").write_text(
        json.dumps({"training": {"autoencoder": done, "unet": done}})
    )
    adopt(weights, run)
    found, step = unet.load(run)
    assert step == 7
    torch.testing.assert_close(found.conv_in.weight, denoiser.conv_in.weight)
    torch.testing.assert_close(ae.load(run).state_dict(), autoencoder.state_dict())
    with pytest.raises(FileExistsError, match="goes on from its own"):
        adopt(weights, run)
