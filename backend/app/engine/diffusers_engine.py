"""Any text-to-image pipeline of diffusers, on one device, behind the `Engine` protocol.

This module imports no torch: `import torch` takes seconds and hundreds of megabytes, and happens in the engine's own
thread when the first model is loaded. `diffusers_runtime` holds what runs there.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from PIL import Image

from app.engine.protocol import BatchRequest, ModelInfo, Progress

if TYPE_CHECKING:
    from app.engine.diffusers_runtime import DiffusersRuntime

Result = TypeVar("Result")


class DiffusersEngine:
    """One thread owns torch, the device and the loaded pipelines; calls queue up before it."""

    def __init__(self, *, device: str = "auto", threads: int = 0, max_loaded_models: int = 1) -> None:
        """`device` as in `EASEL_DEVICE`. `threads` for torch on the CPU; 0: as many as torch chooses."""
        self._device = device
        self._threads = threads
        self._max_loaded_models = max_loaded_models
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._runtime: DiffusersRuntime | None = None
        self._closing = threading.Event()

    @property
    def device(self) -> str:
        return self._runtime.device if self._runtime is not None else self._device

    @property
    def loaded_models(self) -> frozenset[str]:
        return self._runtime.loaded_models if self._runtime is not None else frozenset()

    async def load(self, model: ModelInfo) -> None:
        await self._run(lambda: self._ready_runtime().load(model))

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        abandoned = threading.Event()

        def stop() -> bool:
            return abandoned.is_set() or self._closing.is_set() or should_stop()

        try:
            return await self._run(
                lambda: self._ready_runtime().generate(request, on_progress=on_progress, should_stop=stop)
            )
        except asyncio.CancelledError:
            # Nobody waits for the pictures any more, but a thread can't be cancelled: it stops at its next step.
            abandoned.set()
            raise

    async def close(self) -> None:
        self._closing.set()
        self._runtime = None
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    async def _run(self, function: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function)

    def _ready_runtime(self) -> DiffusersRuntime:
        if self._runtime is None:
            # Threads that wait for one another must sleep, not spin, or a busy neighbour on the same processors
            # stretches a picture of 0.1 s to 10 s (measured, two cores). OpenMP reads this once, as torch loads it.
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from app.engine.diffusers_runtime import DiffusersRuntime  # noqa: PLC0415

            self._runtime = DiffusersRuntime(self._device, self._threads, self._max_loaded_models)
        return self._runtime
