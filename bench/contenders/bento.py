"""The stock pipeline behind BentoML: one worker, one picture a request, as PNG."""

from __future__ import annotations

from typing import Annotated

import bentoml
from bentoml.validators import ContentType
from PIL.Image import Image

from bench.contenders.stock import StockPipeline


@bentoml.service(workers=1, traffic={"timeout": 300})
class Pictures:
    def __init__(self) -> None:
        self._pipeline = StockPipeline()

    @bentoml.api
    def generate(self, prompt: str) -> Annotated[Image, ContentType("image/png")]:
        [picture] = self._pipeline.draw([prompt])
        return picture
