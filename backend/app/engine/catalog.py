"""Which models this installation offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.core.errors import InvalidInput, ModelUnavailable
from app.engine.model_descriptions import describe
from app.engine.protocol import ModelInfo


class ModelCatalog:
    """The models on offer, in the order of the setting; the first is the default."""

    def __init__(self, models: Sequence[ModelInfo]) -> None:
        """Raises `ModelUnavailable` when there is none, or when two have the same id."""
        if not models:
            raise ModelUnavailable("No model is set: set EASEL_MODEL to a diffusers directory or a hub id.")
        self._models: dict[str, ModelInfo] = {}
        for model in models:
            if (other := self._models.get(model.id)) is not None:
                raise ModelUnavailable(
                    f"EASEL_MODEL names two models with the id {model.id!r} ({other.source} and {model.source}): "
                    'rename one directory, or give it another "id" in its easel.json.'
                )
            self._models[model.id] = model

    @classmethod
    def from_sources(cls, sources: Sequence[str]) -> ModelCatalog:
        """Read `settings.model`. Raises `ModelUnavailable` with what to do about a missing or broken one."""
        return cls([describe(source) for source in sources])

    @property
    def default(self) -> ModelInfo:
        return next(iter(self._models.values()))

    def get(self, model_id: str | None) -> ModelInfo:
        """The model, or the default for None. Raises `InvalidInput` at ``/model``."""
        if model_id is None:
            return self.default
        model = self._models.get(model_id)
        if model is None:
            raise InvalidInput.for_field(
                "/model", "unknown_model", f"There is no such model here. Choose one of: {', '.join(self._models)}."
            )
        return model

    def find(self, model_id: str) -> ModelInfo | None:
        return self._models.get(model_id)

    def __iter__(self) -> Iterator[ModelInfo]:
        return iter(self._models.values())

    def __len__(self) -> int:
        return len(self._models)
