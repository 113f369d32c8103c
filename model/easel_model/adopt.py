"""Go on from exported weights, where the training's own checkpoints are gone.

The repository keeps only what is shipped, in half precision and without the
optimisers' state. That is enough to train on: the learning rate warms up anew.
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel

from easel_model import autoencoder as ae
from easel_model import unet as denoiser
from easel_model.training import save_atomically


def adopt(weights_dir: Path, run_dir: Path) -> None:
    """Write the UNet's and the autoencoder's checkpoints from ``weights_dir``.

    Raises FileExistsError when the run has checkpoints of its own, and
    RuntimeError when the weights are of another shape than the recipe's.
    """
    for name in (denoiser.UNET_FILE, ae.AUTOENCODER_FILE):
        if (run_dir / name).exists():
            raise FileExistsError(f"{run_dir / name} is there: this run goes on from its own")
    limits: dict[str, Any] = json.loads((weights_dir / "easel.json").read_text())
    vae = AutoencoderTiny.from_pretrained(weights_dir / "vae", torch_dtype=torch.float32)
    unet = UNet2DConditionModel.from_pretrained(weights_dir / "unet", torch_dtype=torch.float32)
    ae.build().load_state_dict(vae.state_dict())
    denoiser.build().load_state_dict(unet.state_dict())
    progress = limits["training"]
    save_atomically(
        {
            "model": vae.state_dict(),
            "average": vae.state_dict(),
            "ema": [parameter.detach() for parameter in vae.parameters()],
            "step": progress["autoencoder"]["steps"],
            "spent": progress["autoencoder"]["seconds"],
            "l1": progress["autoencoder"]["l1"],
        },
        run_dir / ae.AUTOENCODER_FILE,
    )
    save_atomically(
        {
            "model": unet.state_dict(),
            "ema": [parameter.detach() for parameter in unet.parameters()],
            "step": progress["unet"]["steps"],
            "spent": progress["unet"]["seconds"],
        },
        run_dir / denoiser.UNET_FILE,
    )
