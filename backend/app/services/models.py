"""The models on offer, and which of them a worker has in memory."""

from __future__ import annotations

from dataclasses import asdict

from app.engine.catalog import ModelCatalog
from app.integrations.workers import WorkerBoard
from app.schemas.models import ModelDefaultsOut, ModelLimitsOut, ModelList, ModelOut


class ModelService:
    def __init__(self, catalog: ModelCatalog, board: WorkerBoard, *, max_prompt_chars: int) -> None:
        self._catalog = catalog
        self._board = board
        self._max_prompt_chars = max_prompt_chars

    async def get(self, model_id: str | None) -> ModelOut:
        """The model, or the default for None. Raises `InvalidInput` at ``/model``."""
        wanted = self._catalog.get(model_id).id
        return next(each for each in (await self.list()).items if each.id == wanted)

    async def list(self) -> ModelList:
        loaded = {model for card in await self._board.cards() for model in card.loaded_models}
        return ModelList(
            items=[
                ModelOut(
                    id=model.id,
                    name=model.name,
                    default=model is self._catalog.default,
                    loaded=model.id in loaded,
                    defaults=ModelDefaultsOut(**asdict(model.defaults)),
                    limits=ModelLimitsOut(**asdict(model.limits), max_prompt_chars=self._max_prompt_chars),
                )
                for model in self._catalog
            ]
        )
