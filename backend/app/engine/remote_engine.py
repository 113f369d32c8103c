"""Models behind another server's images API (OpenAI's, or another Easel's), behind the `Engine` protocol.

One request for each image, several at once. A stream of partial images, where the server has one, gives progress and
previews; closing the connection is how a run is stopped. What may pass (429, 5xx, a broken connection) is tried again
for a while, as long as the server says or twice as long each time; what will not pass fails at once and says why.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio import sleep
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

import httpx
from PIL import Image

from app.core.errors import GenerationCanceled, ModelUnavailable, Unavailable
from app.core.logging import get_logger
from app.engine.protocol import BatchRequest, ImageRequest, ModelInfo, Progress
from app.engine.remote_answers import NotNow, NotSo, Partial, PictureReader
from app.engine.remote_models import RemoteModel

log = get_logger(__name__)

AT_ONCE = 4
PARTIAL_IMAGES = 3
STOP_POLL_SECONDS = 0.1
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
PATIENCE_SECONDS = 120.0
"""So long an image is tried again; over it the job is handed back, and another worker may have more luck."""
TIMEOUT = httpx.Timeout(30.0, connect=10.0, read=300.0)
"""`read` is the longest silence: a server without a stream says nothing until the picture is made."""


class RemoteEngine:
    """Runs in the event loop: what is remote takes no thread of ours."""

    device = "remote"

    def __init__(
        self,
        find_key: Callable[[str], str | None],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        first_wait_seconds: float = FIRST_WAIT_SECONDS,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        """`find_key` gives the API key for a host (with its port, where the address has one)."""
        self._find_key = find_key
        self._patience_seconds = patience_seconds
        self._first_wait_seconds = first_wait_seconds
        self._timeout = timeout
        self._models: dict[str, RemoteModel] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._refused_fields: dict[str, set[str]] = {}
        self._closing = threading.Event()

    @property
    def loaded_models(self) -> frozenset[str]:
        return frozenset(self._models)

    def images_at_once(self, model_id: str, width: int, height: int) -> int:  # noqa: ARG002 (the protocol's)
        return AT_ONCE

    async def load(self, model: ModelInfo) -> None:
        """Asks the server whether it would take our key. A server that is away is not asked again until a job is."""
        remote = model.remote
        if remote is None:
            raise ModelUnavailable(f"{model.name} is no remote model.")
        client = self._client(remote)
        with suppress(httpx.HTTPError):
            answer = await client.get(f"{remote.base_url}/models/{remote.name}")
            if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
                raise ModelUnavailable(f"{remote.host} refuses our key: check EASEL_REMOTE_KEYS.")
        self._models[model.id] = remote

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        remote = self._models.get(request.model_id)
        if remote is None:
            raise ModelUnavailable(f"The model {request.model_id!r} is not loaded on this worker.")
        progress = _Progress(request, on_progress)
        making = [
            asyncio.ensure_future(self._make(remote, request, each, progress.of(index)))
            for index, each in enumerate(request.images)
        ]
        try:
            await self._wait(making, should_stop)
            pictures = [each.result() for each in making]
        finally:
            for each in making:
                each.cancel()
            await asyncio.gather(*making, return_exceptions=True)
        on_progress(Progress(request.steps, request.steps))
        return pictures

    async def close(self) -> None:
        self._closing.set()
        self._models.clear()
        for client in self._clients.values():
            await client.aclose()

    async def _wait(self, making: Sequence[asyncio.Future[Image.Image]], should_stop: Callable[[], bool]) -> None:
        """Until all are made. Raises what the first to fail raised, or `GenerationCanceled` when asked to stop."""
        while True:
            if should_stop() or self._closing.is_set():
                raise GenerationCanceled("The generation was stopped.")
            done, waiting = await asyncio.wait(making, timeout=STOP_POLL_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
            for each in done:
                each.result()  # raises what went wrong
            if not waiting:
                return

    async def _make(
        self, remote: RemoteModel, request: BatchRequest, image: ImageRequest, on_partial: Callable[[Partial], None]
    ) -> Image.Image:
        """One image. Raises `Unavailable` when the server has no time for it, `UpstreamFailed` when it never will."""
        began, wait = monotonic(), self._first_wait_seconds
        while True:
            try:
                return await self._ask(remote, request, image, on_partial)
            except NotSo as refusal:
                self._leave_out(remote, refusal.field)
                continue
            except NotNow as refusal:
                pause = min(wait if refusal.retry_after is None else refusal.retry_after, LONGEST_WAIT_SECONDS)
                if monotonic() - began + pause > self._patience_seconds:
                    raise Unavailable(
                        f"{remote.host} does not answer at the moment ({refusal.reason}). The job is tried again.",
                        code="remote_unavailable",
                    ) from refusal
                log.warning("remote_asked_again", host=remote.host, reason=refusal.reason, seconds=pause)
            await sleep(pause)
            wait *= 2

    async def _ask(
        self, remote: RemoteModel, request: BatchRequest, image: ImageRequest, on_partial: Callable[[Partial], None]
    ) -> Image.Image:
        body = self._body(remote, request, image)
        reader = PictureReader(remote.host, (request.width, request.height), on_partial, asked=frozenset(body))
        try:
            async with self._client(remote).stream(
                "POST", f"{remote.base_url}/images/generations", json=body
            ) as answer:
                return await reader.read(answer)
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from error

    def _body(self, remote: RemoteModel, request: BatchRequest, image: ImageRequest) -> dict[str, object]:
        ours = {
            "seed": image.seed,
            "steps": request.steps,
            "guidance": request.guidance,
            "negative_prompt": image.negative_prompt,
        }
        body: dict[str, object] = {
            "model": remote.name,
            "prompt": image.prompt,
            "n": 1,
            "size": f"{request.width}x{request.height}",
            "stream": True,
            "partial_images": PARTIAL_IMAGES,
            **{name: value for name, value in ours.items() if name in remote.parameters and value is not None},
            **remote.extra,
        }
        left_out = self._refused_fields.get(remote.base_url + remote.name, set())
        return {name: value for name, value in body.items() if name not in left_out}

    def _leave_out(self, remote: RemoteModel, field: str) -> None:
        """The server knows no streams: from now on it is asked without."""
        fields = {"stream", "partial_images"} if field == "stream" else {field}
        self._refused_fields.setdefault(remote.base_url + remote.name, set()).update(fields)
        log.info("remote_field_left_out", host=remote.host, field=field)

    def _client(self, remote: RemoteModel) -> httpx.AsyncClient:
        if remote.host not in self._clients:
            key = self._find_key(remote.host)
            if key is None and not remote.is_on_this_machine:
                raise ModelUnavailable(f"There is no key for {remote.host}: set EASEL_REMOTE_KEYS={remote.host}=KEY.")
            self._clients[remote.host] = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=self._timeout,
                # A redirect would carry the key elsewhere; a proxy has no way to this machine's loopback address.
                follow_redirects=False,
                trust_env=not remote.is_on_this_machine,
            )
        return self._clients[remote.host]


class _Progress:
    """Of the whole batch, from that of its images; in steps, which only grow."""

    def __init__(self, request: BatchRequest, tell: Callable[[Progress], None]) -> None:
        self._steps = request.steps
        self._tell = tell
        self._shares = [0.0] * len(request.images)
        self._previews: list[Image.Image | None] = [None] * len(request.images)
        self._told = 0

    def of(self, index: int) -> Callable[[Partial], None]:
        def on_partial(partial: Partial) -> None:
            self._shares[index] = max(self._shares[index], partial.share)
            self._previews[index] = partial.picture
            step = int(sum(self._shares) / len(self._shares) * self._steps)
            if step <= self._told:
                return
            self._told = step
            # Previews go with the images in their order; before each has one there are none.
            previews = [each for each in self._previews if each is not None]
            complete = len(previews) == len(self._previews)
            self._tell(Progress(step, self._steps, previews if complete else ()))

        return on_partial
