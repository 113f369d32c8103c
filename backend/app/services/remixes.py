"""How a picture was made, read from its file: to make it again, or another like it."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.core.errors import InvalidInput
from app.engine.catalog import ModelCatalog
from app.engine.png_parameters import PngParameters, parse_parameters
from app.engine.png_reader import read_texts
from app.schemas.images import ImageParameters
from app.schemas.jobs import GenerateRequest

TEXT_KEY = "parameters"
_BOUNDS = {name: TypeAdapter(field.rebuild_annotation()) for name, field in GenerateRequest.model_fields.items()}


class RemixService:
    def __init__(self, catalog: ModelCatalog) -> None:
        self._catalog = catalog

    async def read(self, file: bytes) -> ImageParameters:
        """Raises `InvalidInput` for a file that is no PNG, is damaged or dangerous, or does not say how it was made."""
        texts = await asyncio.to_thread(read_texts, file)
        try:
            made_by = parse_parameters(texts[TEXT_KEY].replace("\0", ""))
        except (KeyError, ValueError) as error:
            raise InvalidInput(
                "This picture does not say how it was made. Programs that edit or send pictures often drop it.",
                code="no_parameters",
            ) from error
        return self._usable(made_by)

    def _usable(self, made_by: PngParameters) -> ImageParameters:
        """The file may say anything: what a request could not say is left out."""
        prompt = _fitting("prompt", made_by.prompt)
        if not prompt or not prompt.strip():
            raise InvalidInput("This picture's prompt is empty or too long.", code="no_parameters")
        offered = {model.id for model in self._catalog}
        return ImageParameters(
            prompt=prompt,
            negative_prompt=_fitting("negative_prompt", made_by.negative_prompt),
            model=made_by.model if made_by.model in offered else None,
            width=_fitting("width", made_by.width),
            height=_fitting("height", made_by.height),
            steps=_fitting("steps", made_by.steps),
            guidance=_fitting("guidance", made_by.guidance),
            seed=_fitting("seed", made_by.seed),
        )


def _fitting(field: str, value: Any) -> Any:
    try:
        return _BOUNDS[field].validate_python(value)
    except ValidationError:
        return None
