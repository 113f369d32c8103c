"""A whole studio in the test's own process: real PostgreSQL and Redis, real HTTP, the real services.

Two things stand in: the device (`PaintingEngine` makes deterministic pictures at once) and the wake-ups
(`RecordingWakeUps`), so that a test decides when the worker works.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from PIL import Image

from app.bootstrap.parts import Parts, open_parts
from app.bootstrap.services import make_services
from app.bootstrap.workers import make_work_service
from app.core.config import Settings
from app.core.errors import GenerationCanceled
from app.engine.protocol import BatchRequest, ModelInfo, Progress
from app.main import create_app
from app.services.container import Services
from app.services.work import WorkService

PASSWORD = "correct horse battery staple"


@dataclass
class RecordingWakeUps:
    woken: list[str] = field(default_factory=list)

    def wake(self, model_id: str) -> None:
        self.woken.append(model_id)

    async def close(self) -> None:
        return


class PaintingEngine:
    """Paints a plain colour that follows from the seed. `gate` holds it at its first step until it is set.

    `at_once` images fit into a pass; one whose prompt is in `poison` spoils the whole pass. `loading` holds a load.
    `pause` seconds go by before each step.
    """

    device = "cpu"

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.loaded_models: frozenset[str] = frozenset()
        self.requests: list[BatchRequest] = []
        self.failures: list[Exception] = []
        self.at_once = 1
        self.poison: set[str] = set()
        self.loading: asyncio.Event | None = None
        self.gate: threading.Event | None = None
        self.pause = 0.0
        self.painting = threading.Event()

    def images_at_once(self, model_id: str, width: int, height: int) -> int:
        return self.at_once

    async def load(self, model: ModelInfo) -> None:
        if self.loading is not None:
            await self.loading.wait()
        self.loaded_models |= {model.id}

    async def generate(
        self, request: BatchRequest, *, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        self.requests.append(request)
        return await asyncio.to_thread(self._paint, request, on_progress, should_stop)

    def _paint(
        self, request: BatchRequest, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
    ) -> list[Image.Image]:
        if self.failures:
            raise self.failures.pop(0)
        if any(image.prompt in self.poison for image in request.images):
            raise RuntimeError("the poison was in the batch")
        pictures = [
            Image.new("RGB", (request.width, request.height), (image.seed % 256, image.seed // 256 % 256, 90))
            for image in request.images
        ]
        self.painting.set()
        for step in range(1, request.steps + 1):
            while self.gate is not None and not self.gate.wait(0.02):
                if should_stop():
                    raise GenerationCanceled("The job was canceled.")
            if should_stop():
                raise GenerationCanceled("The job was canceled.")
            time.sleep(self.pause)
            on_progress(Progress(step, request.steps, pictures))
        return pictures

    async def close(self) -> None:
        return


def write_model_card(directory: Path, **card: Any) -> Path:
    """A directory that the catalogue reads as a model; no weights, since `PaintingEngine` needs none."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model_index.json").write_text(
        json.dumps({"_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "DDIMScheduler"]})
    )
    defaults = {
        "id": directory.name,
        "name": directory.name.capitalize(),
        "default_width": 64,
        "default_height": 64,
        "default_steps": 4,
        "default_guidance": 3.0,
        "max_steps": 50,
        "max_images": 4,
        "min_width": 64,
        "max_width": 128,
        "min_height": 64,
        "max_height": 128,
        "multiple_of": 8,
    }
    (directory / "easel.json").write_text(json.dumps({**defaults, **card}))
    return directory


@dataclass
class Browser:
    """A signed-in person's browser: cookies, the CSRF token, and the origin."""

    http: httpx.AsyncClient
    user: dict[str, Any]

    @property
    def csrf(self) -> str:
        return str(self.http.cookies.get("easel_csrf"))

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"X-CSRF-Token": self.csrf, **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def generate(self, prompt: str = "a red rocket", **body: Any) -> dict[str, Any]:
        answer = await self.post("/api/v1/generate", json={"prompt": prompt, **body})
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        return job

    async def status(self, job_id: str) -> dict[str, Any]:
        answer = await self.get(f"/api/v1/status/{job_id}")
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job


@dataclass
class Studio:
    url: str
    settings: Settings
    parts: Parts
    services: Services
    work: WorkService
    engine: PaintingEngine
    wake_ups: RecordingWakeUps
    stack: AsyncExitStack

    def renew(self, clients: AsyncExitStack) -> None:
        """Forget what the last test did with the stand-ins. `clients` closes this test's connections."""
        self.stack = clients
        self.wake_ups.woken.clear()
        self.engine.reset()
        self.parts.views.forget_speeds()
        self.services.accounts._guesses._limiter.forget_all()

    async def http(self) -> httpx.AsyncClient:
        return await self.stack.enter_async_context(httpx.AsyncClient(base_url=self.url, timeout=90))

    async def register(self, name: str) -> Browser:
        """The first one becomes the owner of the first organisation; later ones need `registration=open`."""
        http = await self.http()
        body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name.capitalize()}
        answer = await http.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return Browser(http, answer.json())

    async def drain(self) -> int:
        """Let the worker run all that waits."""
        return await self.work.drain(lambda: False)


@asynccontextmanager
async def open_studio(settings: Settings) -> AsyncIterator[Studio]:
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings))
        wake_ups, engine = RecordingWakeUps(), PaintingEngine()
        parts = replace(parts, wake_ups=wake_ups, messages=wake_ups)
        services = make_services(parts)
        app = create_app(settings)
        server = uvicorn.Server(
            uvicorn.Config(
                app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1
            )
        )
        serving = asyncio.create_task(server.serve())
        stack.push_async_callback(_stop, server, serving)
        while not server.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.01)
        app.state.services = services
        port = server.servers[0].sockets[0].getsockname()[1]
        work = make_work_service(parts, engine, "test-worker")
        yield Studio(f"http://127.0.0.1:{port}", settings, parts, services, work, engine, wake_ups, stack)


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving
