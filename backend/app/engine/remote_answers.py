"""Reading what an images API answered. Nothing in it is believed before it was looked at."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
from httpx_sse import EventSource
from PIL import Image

from app.core.errors import EaselError, UpstreamFailed
from app.core.logging import get_logger

log = get_logger(__name__)

LARGEST_ANSWER = 64 * 1024 * 1024
PARTIAL = "image_generation.partial_image"
COMPLETED = "image_generation.completed"
_MAY_PASS = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_OPTIONAL = {"stream": "stream", "partial_images": "stream"}
_SHARES = (0.25, 0.5, 0.75)
"""How far a picture is at its partial images: they come at even distances."""


class NotNow(Exception):
    """It may pass. `retry_after` in seconds, where the server said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class NotSo(Exception):
    """The server does not know a field that it can be asked without."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Partial:
    """How far one image is, 0 to 1, and how it looks."""

    share: float
    picture: Image.Image | None


class PictureReader:
    """Reads one answer, which should hold one picture of `size`."""

    def __init__(
        self, host: str, size: tuple[int, int], on_partial: Callable[[Partial], None], *, asked: frozenset[str]
    ) -> None:
        self._host = host
        self._size = size
        self._on_partial = on_partial
        self._asked = asked

    async def read(self, answer: httpx.Response) -> Image.Image:
        """Raises `NotNow`, `NotSo` or `UpstreamFailed`; httpx's errors for a connection that breaks."""
        if answer.status_code != httpx.codes.OK:
            raise self._refusal(answer, self._json(await self._body(answer), lenient=True))
        if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            return await self._from_stream(answer)
        content = self._json(await self._body(answer))
        match content.get("data"):
            case [{"b64_json": str() as picture}, *_]:
                return self._picture(picture)
            case [{"url": str()}, *_]:
                raise self._failed(
                    'answered with an address instead of a picture: set "extra": {"response_format": "b64_json"} '
                    "in the model's easel.json"
                )
            case _:
                raise self._failed("answered without a picture")

    async def _from_stream(self, answer: httpx.Response) -> Image.Image:
        async for kind, content in self._events(answer):
            if isinstance(content.get("error"), dict):
                raise self._error(content, NotNow)
            if kind == COMPLETED:
                return self._picture(content.get("b64_json"))
            if kind == PARTIAL:
                index = content.get("partial_image_index")
                share = _SHARES[index] if isinstance(index, int) and 0 <= index < len(_SHARES) else 0.0
                self._on_partial(Partial(share, self._preview(content.get("b64_json"))))
        raise NotNow("the stream ended too early")

    async def _events(self, answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        size = 0
        async for event in EventSource(answer).aiter_sse():
            size += len(event.data)
            if size > LARGEST_ANSWER:
                raise self._failed("answered with far too much")
            if event.data and event.data != "[DONE]":
                content = self._json(event.data.encode())
                yield str(content.get("type") or event.event), content

    async def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise self._failed("answered with far too much")
        return bytes(body)

    def _json(self, body: bytes, *, lenient: bool = False) -> dict[str, Any]:
        try:
            content = orjson.loads(body)
        except orjson.JSONDecodeError:
            content = None
        if isinstance(content, dict):
            return content
        if lenient:
            return {}
        raise self._failed("answered with something that is no JSON object")

    def _refusal(self, answer: httpx.Response, content: dict[str, Any]) -> Exception:
        status, error = answer.status_code, content.get("error")
        error = error if isinstance(error, dict) else {}
        optional = _OPTIONAL.get(str(error.get("param")))
        if status == httpx.codes.BAD_REQUEST and optional is not None and optional in self._asked:
            return NotSo(optional)
        final = answer.headers.get("X-Should-Retry") == "false" or error.get("code") == "insufficient_quota"
        if status in _MAY_PASS and not final:
            return NotNow(f"status {status}", retry_after(answer.headers.get("Retry-After")))
        return self._error(content, lambda reason: self._failed(f"refused: {reason}"), status)

    def _error(self, content: dict[str, Any], make: Callable[[str], Exception], status: int | None = None) -> Exception:
        """In our words: what a foreign server says goes into the log, and its code (a word) to the person."""
        error = content.get("error")
        error = error if isinstance(error, dict) else {}
        log.warning("remote_refused", host=self._host, status=status, said=str(error.get("message"))[:500])
        code = str(error.get("code") or error.get("type") or "")
        if code in {"content_policy_violation", "moderation_blocked"}:
            return UpstreamFailed(f"{self._host} refuses this prompt by its own rules.", code="prompt_refused")
        word = code if code.replace("_", "").isascii() and code.replace("_", "").isalnum() else ""
        return make(word or (f"status {status}" if status else "no reason given"))

    def _picture(self, content: Any) -> Image.Image:
        """RGB, of the size that was asked for."""
        picture = self._opened(content)
        if picture is None:
            raise self._failed("answered with something that is no picture")
        if picture.size != self._size:
            width, height = self._size
            raise self._failed(f"answered with {picture.width}x{picture.height} pixels instead of {width}x{height}")
        return picture

    def _preview(self, content: Any) -> Image.Image | None:
        return self._opened(content)

    def _opened(self, content: Any) -> Image.Image | None:
        """Looked at before it is unpacked: a small file may claim a large picture."""
        width, height = self._size
        try:
            file = io.BytesIO(base64.b64decode(content, validate=True))
            with Image.open(file, formats=("PNG", "WEBP", "JPEG")) as picture:
                if picture.width * picture.height > 4 * width * height:
                    return None
                return picture.convert("RGB")
        except (TypeError, ValueError, binascii.Error, OSError, Image.DecompressionBombError):
            return None

    def _failed(self, what: str) -> EaselError:
        return UpstreamFailed(f"{self._host} {what}. Nothing was charged.")


def retry_after(value: str | None) -> float | None:
    """Seconds from now; the header has a number of them, or a date (RFC 9110)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
