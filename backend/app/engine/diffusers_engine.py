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
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PIL import Image

from app.engine.batch_sizes import BatchSizes
from app.engine.protocol import BatchRequest, ModelInfo, Progress

if TYPE_CHECKING:
    from app.engine.diffusers_runtime import DiffusersRuntime

Result = TypeVar("Result")


class DiffusersEngine:
    """One thread owns the device, and calls queue up before it. Two more read words and decode pictures beside it."""

    def __init__(
        self,
        *,
        device: str = "auto",
        threads: int = 0,
        model_memory: float = 0.0,
        compiles: bool = True,
        cache: Path | None = None,
    ) -> None:
        """`device` as in `EASEL_DEVICE`. `threads` on the CPU; 0: as many as the libraries choose.

        `model_memory`: GB for loaded models together; 0: half of the device's. `compiles` and `cache`: see
        `DiffusersRuntime`.
        """
        self._device = device
        self._threads = threads
        self._model_memory = model_memory
        self._compiles = compiles
        self._cache = cache
        self._on_device = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="engine-beside")
        self._batch_sizes = BatchSizes()
        self._runtime: DiffusersRuntime | None = None
        self._closing = threading.Event()

    @property
    def device(self) -> str:
        return self._runtime.device if self._runtime is not None else self._device

    @property
    def loaded_models(self) -> frozenset[str]:
        return self._runtime.loaded_models if self._runtime is not None else frozenset()

    def images_at_once(self, model_id: str, width: int, height: int) -> int:
        return self._batch_sizes.best((model_id, width, height))

    async def load(self, model: ModelInfo) -> None:
        await self._run(self._on_device, lambda: self._ready_runtime().load(model))

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        abandoned = threading.Event()

        def stop() -> bool:
            return abandoned.is_set() or self._closing.is_set() or should_stop()

        runtime = await self._run(self._on_device, self._ready_runtime) if self._runtime is None else self._runtime
        try:
            words = await self._run(self._beside, lambda: runtime.read(request))
            made = await self._run(
                self._on_device, lambda: runtime.denoise(request, words, on_progress=on_progress, should_stop=stop)
            )
            return await self._run(self._beside, lambda: runtime.decode(request, made))
        except asyncio.CancelledError:
            # Nobody waits for the pictures any more, but a thread can't be cancelled: it stops at its next step.
            abandoned.set()
            raise

    async def close(self) -> None:
        self._closing.set()
        self._runtime = None
        for executor in (self._on_device, self._beside):
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)

    async def _run(self, executor: ThreadPoolExecutor, function: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(executor, function)

    def _ready_runtime(self) -> DiffusersRuntime:
        if self._runtime is None:
            # Threads that wait for one another must sleep, not spin, or a busy neighbour on the same processors
            # stretches a picture of 0.1 s to 10 s (measured, two cores). OpenMP reads this once, as torch loads it.
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from app.engine.diffusers_runtime import DiffusersRuntime  # noqa: PLC0415

            self._runtime = DiffusersRuntime(
                self._device,
                self._threads,
                self._model_memory,
                self._batch_sizes,
                compiles=self._compiles,
                cache=self._cache,
            )
        return self._runtime
