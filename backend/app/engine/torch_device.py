"""The device that torch runs on: which one, how much memory it has, and how it says that there is none left."""

from __future__ import annotations

import re

import torch

from app.core.errors import ModelUnavailable
from app.engine.residency import machine_memory

# torch says this only in words when the processor's memory, not a GPU's, is used up.
_OUT_OF_MEMORY_WORDS = re.compile(r"not enough memory|can't allocate memory|out of memory", re.IGNORECASE)


def resolve_device(device: str) -> str:
    """torch's name of it. Raises `ModelUnavailable` when it isn't there."""
    if device == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if device.startswith("cuda"):
        index = int(device.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise ModelUnavailable(
                f"EASEL_DEVICE is {device}, but torch sees {torch.cuda.device_count()} CUDA devices here: "
                "set it to auto or cpu, or install a torch built for CUDA."
            )
        return f"cuda:{index}"
    if device == "mps" and not torch.backends.mps.is_available():
        raise ModelUnavailable("EASEL_DEVICE is mps, which this machine doesn't have: set it to auto or cpu.")
    return device


def device_memory(device: str) -> int:
    """Bytes."""
    if device.startswith("cuda"):
        return int(torch.cuda.get_device_properties(device).total_memory)
    return machine_memory()


def free_memory(device: str) -> None:
    """Give back to the device what torch keeps for later."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and _OUT_OF_MEMORY_WORDS.search(str(error)) is not None
