"""Stable Diffusion's UNet and decoder, compiled by OpenVINO for the processor.

The compiled forms compute the same function in single precision. Each is tried on noise against the module that it
stands for before it takes its place; one that disagrees, or that can't be made, leaves the module as it was.

Import this module in the engine's own threads only: it pulls in torch.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import diffusers
import psutil
import torch

from app.engine.diffusers_parts import KNOWN_PIPELINES

logger = logging.getLogger(__name__)

KNOWN_UNETS = frozenset({"UNet2DConditionModel"})
KNOWN_DECODERS = frozenset({"AutoencoderTiny", "AutoencoderKL"})
TRIAL_SIDE, TRIAL_TOKENS, TRIAL_STEP = 8, 16, 500.0
MAX_DISAGREEMENT = 1e-3
"""Relative to the largest number of the answer. Single precision in another order of sums differs by about 1e-5."""
MEMORY_FACTOR = 2.5
"""Of a module's weights: what making its compiled form takes for a moment beside them."""
KEPT_FORMS = 16
_XML, _WEIGHTS = "model.xml", "model.bin"


def compile_parts(pipeline: Any, cache: Path | None, threads: int) -> None:
    """Put compiled forms in the place of the pipeline's UNet and decoder, and let go of the weights that they replace.

    `cache` keeps what was converted, so that the next start only compiles it; `threads` 0: as many as OpenVINO chooses.
    """
    if type(pipeline).__name__ not in KNOWN_PIPELINES:
        return
    try:
        import openvino  # noqa: F401, PLC0415 (there are platforms without it)
    except ImportError:
        logger.info("no OpenVINO on this platform: models run on torch")
        return
    compiler = _Compiler(cache, threads)
    if _is_plain_unet(pipeline.unet):
        _replace(compiler, pipeline.unet, _UnetCall(pipeline.unet), _unet_trial(pipeline.unet), _serve_unet)
    if type(pipeline.vae).__name__ in KNOWN_DECODERS:
        _replace(compiler, pipeline.vae, _DecoderCall(pipeline.vae), _decoder_trial(pipeline.vae), _serve_decoder)


class CompiledModule:
    """Called with float tensors on the processor; gives one. Several threads may call it at the same time."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        # A request holds one call's buffers; two threads can't share it.
        self._of_thread = threading.local()

    def __call__(self, *tensors: torch.Tensor) -> torch.Tensor:
        request = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._compiled.create_infer_request()
        inputs = [tensor.detach().to(torch.float32).contiguous().numpy() for tensor in tensors]
        return torch.from_numpy(request.infer(inputs, share_inputs=True)[0])


class _UnetCall(torch.nn.Module):
    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.unet(sample, timestep, words, return_dict=False)[0]
        return result


class _DecoderCall(torch.nn.Module):
    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.vae.decode(latents, return_dict=False)[0]
        return result


def _is_plain_unet(unet: Any) -> bool:
    """Steered by a step and words alone."""
    config = unet.config
    others = (config.class_embed_type, config.addition_embed_type, config.time_cond_proj_dim, config.encoder_hid_dim)
    return type(unet).__name__ in KNOWN_UNETS and not any(others)


def _unet_trial(unet: Any) -> tuple[torch.Tensor, ...]:
    side = TRIAL_SIDE * 2 ** (len(unet.config.block_out_channels) - 2)
    words = torch.randn(2, TRIAL_TOKENS, unet.config.cross_attention_dim)
    return torch.randn(2, unet.config.in_channels, side, side), torch.tensor(TRIAL_STEP), words


def _decoder_trial(vae: Any) -> tuple[torch.Tensor, ...]:
    return (torch.randn(2, vae.config.latent_channels, TRIAL_SIDE, TRIAL_SIDE),)


def _serve_unet(unet: Any, compiled: CompiledModule) -> None:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput  # noqa: PLC0415

    def forward(
        sample: torch.Tensor,
        timestep: torch.Tensor | float,
        encoder_hidden_states: torch.Tensor,
        *,
        return_dict: bool = True,
        **steering: Any,
    ) -> Any:
        if unknown := sorted(name for name, value in steering.items() if value is not None):
            raise TypeError(f"The compiled UNet takes no {', '.join(unknown)}.")
        result = compiled(sample, torch.as_tensor(timestep, dtype=torch.float32), encoder_hidden_states)
        return UNet2DConditionOutput(sample=result) if return_dict else (result,)

    unet.forward = forward
    _let_go(unet)


def _serve_decoder(vae: Any, compiled: CompiledModule) -> None:
    from diffusers.models.autoencoders.vae import DecoderOutput  # noqa: PLC0415

    def decode(z: torch.Tensor, return_dict: bool = True, generator: Any = None) -> Any:  # noqa: ARG001 (theirs)
        result = compiled(z)
        return DecoderOutput(sample=result) if return_dict else (result,)

    vae.decode = decode
    _let_go(vae.decoder)


def _let_go(module: torch.nn.Module) -> None:
    """Keep names, shapes and types of the weights, and not the memory behind them."""
    for parameter in module.parameters():
        parameter.data = parameter.data.new_zeros(1).expand(parameter.shape)


def _replace(
    compiler: _Compiler,
    module: Any,
    call: torch.nn.Module,
    trial: tuple[torch.Tensor, ...],
    serve: Callable[[Any, CompiledModule], None],
) -> None:
    needed, name = MEMORY_FACTOR * _weight(module), type(module).__name__
    if psutil.virtual_memory().available < needed:
        logger.info("%s stays on torch: compiling it needs %.1f GB of free memory", name, needed / 1e9)
        return
    try:
        with torch.no_grad():
            compiled = compiler.compile(call.eval(), trial)
            expected, given = call(*trial), compiled(*trial)
    # A foreign compiler meets foreign models here. Slower pictures beat none.
    except Exception:
        logger.warning("%s stays on torch: OpenVINO does not take it", name, exc_info=True)
        return
    disagreement = float((expected - given).abs().max() / expected.abs().max().clamp(min=1e-6))
    if not disagreement <= MAX_DISAGREEMENT:
        logger.warning("%s stays on torch: its compiled form differs by %.2g", name, disagreement)
        return
    serve(module, compiled)


def _weight(module: torch.nn.Module) -> int:
    return sum(parameter.numel() * parameter.element_size() for parameter in module.parameters())


class _Compiler:
    def __init__(self, cache: Path | None, threads: int) -> None:
        import openvino  # noqa: PLC0415

        self._openvino: Any = openvino
        self._core: Any = openvino.Core()
        self._cache = cache
        self._options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            self._options["INFERENCE_NUM_THREADS"] = threads

    def compile(self, module: torch.nn.Module, trial: Sequence[torch.Tensor]) -> CompiledModule:
        """Free in batch, height, width and number of words; fixed in channels and widths."""
        model = self._read(module) or self._convert(module, trial)
        return CompiledModule(self._core.compile_model(model, "CPU", self._options))

    def _read(self, module: torch.nn.Module) -> Any:
        if self._cache is None:
            return None
        folder = self._cache / self._name(module)
        if not (folder / _XML).is_file():
            return None
        try:
            model = self._core.read_model(folder / _XML)
        except RuntimeError:
            logger.warning("%s was damaged and is made anew", folder)
            shutil.rmtree(folder, ignore_errors=True)
            return None
        os.utime(folder)
        return model

    def _convert(self, module: torch.nn.Module, trial: Sequence[torch.Tensor]) -> Any:
        with warnings.catch_warnings():
            # Tracing warns of every branch on a shape; the trial and the tests at other sizes tell whether one matters.
            warnings.simplefilter("ignore")
            trace: Callable[..., Any] = torch.jit.trace
            traced = trace(module, tuple(trial), check_trace=False, strict=False)
            model = self._openvino.convert_model(traced, example_input=tuple(trial))
        model.reshape({number: _free(tensor) for number, tensor in enumerate(trial)})
        if self._cache is not None:
            self._keep(model, self._cache / self._name(module))
        return model

    def _keep(self, model: Any, folder: Path) -> None:
        """Whole or not at all: other workers may read or write it at the same time."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
        try:
            self._openvino.save_model(model, scratch / _XML, compress_to_fp16=False)
            scratch.rename(folder)
        except OSError:
            # Another worker was first, or the disk is full: this one has its model all the same.
            logger.info("%s was not kept", folder, exc_info=not folder.exists())
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        kept = sorted(
            (each for each in folder.parent.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
        )
        for oldest in kept[:-KEPT_FORMS]:
            shutil.rmtree(oldest, ignore_errors=True)

    def _name(self, module: torch.nn.Module) -> str:
        """Of what the form is made from: weights, configuration, and the programs that make it."""
        inner: Any
        (inner,) = module.children()
        versions = (self._openvino.__version__, diffusers.__version__, torch.__version__)
        digest = hashlib.blake2b(digest_size=16)
        digest.update(json.dumps([versions, type(inner).__name__, dict(inner.config)], default=str).encode())
        for name, tensor in sorted(inner.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().contiguous().numpy().tobytes())
        return digest.hexdigest()


def _free(tensor: torch.Tensor) -> list[int]:
    """(batch, channels, height, width) keeps its channels, (batch, words, width) its width, a number is a number."""
    shape = tuple(tensor.shape)
    if not shape:
        return []
    return [-1, shape[1], -1, -1] if len(shape) == 4 else [-1, -1, shape[2]]  # noqa: PLR2004 (named in the docstring)
