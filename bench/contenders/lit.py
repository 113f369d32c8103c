"""The stock pipeline behind LitServe: one worker, one picture a request, as PNG. Its argument is the port.

LitServe reads the types of these methods, so they are not to be texts.
"""

import sys
from typing import Any

import litserve
from fastapi import Response
from PIL.Image import Image

from bench.contenders.stock import StockPipeline, png


class Pictures(litserve.LitAPI):
    def setup(self, device: str) -> None:  # noqa: ARG002 (theirs)
        self._pipeline = StockPipeline()

    def decode_request(self, request: dict[str, Any], **_: Any) -> str:
        prompt: str = request["prompt"]
        return prompt

    def predict(self, prompt: str, **_: Any) -> Image:
        [picture] = self._pipeline.draw([prompt])
        return picture

    def encode_response(self, picture: Image, **_: Any) -> Response:
        return Response(png(picture), media_type="image/png")


if __name__ == "__main__":
    server = litserve.LitServer(
        Pictures(api_path="/generate"),
        accelerator="cpu",
        workers_per_device=1,
        timeout=300,
    )
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        generate_client_file=False,
        log_level="warning",
    )
