"""One Easel makes its pictures on another: a second studio, real in every process, with the tiny model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from app.core.errors import GenerationCanceled, ModelUnavailable, UpstreamFailed
from app.engine.diffusers_engine import DiffusersEngine
from app.engine.model_descriptions import describe
from app.engine.protocol import BatchRequest, ImageRequest, ModelInfo, Progress
from app.engine.remote_engine import RemoteEngine
from tests.support.real_studio import REAL_WORKER, Maker, RealStudio, open_real_studio
from tests.support.studio import Studio

ROCKET = ImageRequest("a red rocket", None, 7)
HEART = ImageRequest("a blue heart", "blurry", 8)
pytestmark = pytest.mark.timeout(900)


class SecondEasel:
    def __init__(self, studio: RealStudio, owner: Maker) -> None:
        self.url = studio.url()
        self._studio = studio
        self._owner = owner

    async def key(self, *scopes: str) -> str:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60) as http:
            body = {"name": "the first Easel", "scopes": list(scopes)}
            answer = await http.post("/api/v1/keys", json=body, headers=self._owner.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    async def engine(self, model: ModelInfo, key: str) -> RemoteEngine:
        engine = RemoteEngine({urlsplit(self.url).netloc: key}.get)
        await engine.load(model)
        return engine

    async def statuses(self) -> list[str]:
        """Of all jobs there, the newest first."""
        return [row.status for row in await self._studio.rows("SELECT status FROM image_jobs ORDER BY id DESC")]

    async def until(self, condition: Callable[[list[str]], bool]) -> None:
        async def met() -> bool:
            return condition(await self.statuses())

        await self._studio.until(met, "the other Easel's jobs are as they should be", 300)


@pytest.fixture(scope="session")
async def second(tiny_directory: Path) -> AsyncIterator[SecondEasel]:
    # A lease as in production: torch takes its time where everything runs on two processors.
    # On torch: compiling the model for a home of its own would take longer than all that is asked of it.
    options: dict[str, Any] = {"device": "cpu", "torch_threads": 1, "cpu_runtime": "torch", "lease_seconds": 30.0}
    async with open_real_studio(worker_app=REAL_WORKER, model=str(tiny_directory), **options) as studio:
        [owner] = await studio.people(1)
        yield SecondEasel(studio, owner)


@pytest.fixture(scope="session")
def card(second: SecondEasel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "elsewhere"
    folder.mkdir()
    sizes = {"min_width": 32, "max_width": 128, "min_height": 32, "max_height": 128, "multiple_of": 8}
    defaults = {"default_width": 64, "default_height": 64, "default_steps": 4, "default_guidance": 4.0}
    address = f"easel+{second.url}/v1#tiny"
    (folder / "easel.json").write_text(json.dumps({"id": "elsewhere", "remote": address, **sizes, **defaults}))
    return folder


def batch(model_id: str, *images: ImageRequest, steps: int = 6) -> BatchRequest:
    return BatchRequest(model_id, 64, 64, steps, 4.0, images)


async def test_it_makes_the_pictures_that_this_one_would_make(
    second: SecondEasel, card: Path, engine: DiffusersEngine
) -> None:
    remote, seen = await second.engine(describe(str(card)), await second.key("jobs:write")), list[Progress]()
    there = await remote.generate(batch("elsewhere", ROCKET, HEART), on_progress=seen.append, should_stop=lambda: False)
    here = await engine.generate(batch("tiny", ROCKET, HEART), on_progress=lambda _: None, should_stop=lambda: False)
    for one, other in zip(there, here, strict=True):
        assert one.size == other.size == (64, 64)
        assert np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).max() <= 2
    assert [progress.step for progress in seen] == sorted({progress.step for progress in seen})
    assert seen[-1].step == 6
    await remote.close()


async def test_a_job_of_this_studio_is_done_there(
    second: SecondEasel, card: Path, open_studio_with: Callable[..., AbstractAsyncContextManager[Studio]]
) -> None:
    async with open_studio_with(model=str(card)) as studio:
        studio.work._engine = await second.engine(describe(str(card)), await second.key("jobs:write"))
        ann = await studio.register("ann")
        job = await ann.generate("a red rocket", seed=7, num_images=2)
        await studio.drain()
        done = await ann.status(job["job_id"])
        assert (done["status"], done["progress"], len(done["images"])) == ("COMPLETED", 1.0, 2)
        assert "COMPLETED" in await second.statuses()
        await studio.work._engine.close()


async def test_a_stop_here_cancels_there(second: SecondEasel, card: Path) -> None:
    remote, stop = await second.engine(describe(str(card)), await second.key("jobs:write")), asyncio.Event()
    before = await second.statuses()
    making = asyncio.create_task(
        remote.generate(
            batch("elsewhere", ROCKET, steps=150), on_progress=lambda _: stop.set(), should_stop=stop.is_set
        )
    )
    await second.until(lambda statuses: len(statuses) > len(before))
    stop.set()
    with pytest.raises(GenerationCanceled):
        await making
    await second.until(lambda statuses: statuses[0] == "CANCELED")
    await remote.close()


async def test_a_key_that_may_not_or_no_longer_says_so(second: SecondEasel, card: Path) -> None:
    with pytest.raises(ModelUnavailable, match="check EASEL_REMOTE_KEYS"):
        await second.engine(describe(str(card)), "esl_wrong")
    reader = await second.engine(describe(str(card)), await second.key("jobs:read"))
    with pytest.raises(UpstreamFailed, match="missing_scope"):
        await reader.generate(batch("elsewhere", ROCKET), on_progress=lambda _: None, should_stop=lambda: False)
    await reader.close()


async def test_what_the_other_one_refuses_is_told_by_its_code(second: SecondEasel, card: Path) -> None:
    remote = await second.engine(describe(str(card)), await second.key("jobs:write"))
    wrong = BatchRequest("elsewhere", 512, 512, 4, 4.0, (ROCKET,))
    with pytest.raises(UpstreamFailed, match="size_not_supported"):
        await remote.generate(wrong, on_progress=lambda _: None, should_stop=lambda: False)
    await remote.close()
