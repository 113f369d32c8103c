"""Several engines as one: each model goes to the engine that runs its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PIL import Image

from app.engine.protocol import BatchRequest, Engine, ModelInfo, Progress


class EngineSwitch:
    """Remote models (`remote_ids`) go to `remote`, all others to `local`."""

    def __init__(self, local: Engine, remote: Engine, remote_ids: Collection[str], *, all_remote: bool) -> None:
        self._local = local
        self._remote = remote
        self._remote_ids = frozenset(remote_ids)
        self._all_remote = all_remote

    @property
    def device(self) -> str:
        return self._remote.device if self._all_remote else self._local.device

    @property
    def loaded_models(self) -> frozenset[str]:
        return self._local.loaded_models | self._remote.loaded_models

    def images_at_once(self, model_id: str, width: int, height: int) -> int:
        return self._of(model_id).images_at_once(model_id, width, height)

    async def load(self, model: ModelInfo) -> None:
        await self._of(model.id).load(model)

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        return await self._of(request.model_id).generate(request, on_progress=on_progress, should_stop=should_stop)

    async def close(self) -> None:
        await self._remote.close()
        await self._local.close()

    def _of(self, model_id: str) -> Engine:
        return self._remote if model_id in self._remote_ids else self._local
