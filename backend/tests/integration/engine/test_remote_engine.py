"""The remote engine over a real connection to a server that answers as servers do on bad days."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from app.core.errors import EaselError, GenerationCanceled, ModelUnavailable, Unavailable, UpstreamFailed
from app.engine import remote_engine
from app.engine.model_descriptions import describe
from app.engine.protocol import BatchRequest, ImageRequest, ModelInfo, Progress
from app.engine.remote_answers import retry_after
from app.engine.remote_engine import RemoteEngine
from tests.support.scripted_server import Answer, ScriptedServer

ROCKET = ImageRequest("a red rocket", "mush", 7)
HEART = ImageRequest("a blue heart", None, 8)


def picture(size: tuple[int, int] = (64, 64), colour: str = "red") -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def made(content: Any = None) -> Answer:
    return Answer(body={"created": 1, "data": [{"b64_json": content or picture()}]})


def stream(*events: dict[str, Any], **options: Any) -> Answer:
    lines = "".join(f": still here\n\nevent: {event.get('type')}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Answer(body=lines.encode(), headers={"Content-Type": "text/event-stream"}, **options)


def partial(index: int) -> dict[str, Any]:
    return {"type": "image_generation.partial_image", "partial_image_index": index, "b64_json": picture((16, 16))}


def refusal(code: str, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": "their words", "type": "invalid_request_error", "param": param, "code": code}}


def batch(*images: ImageRequest, steps: int = 20) -> BatchRequest:
    return BatchRequest("picture-1", 64, 64, steps, 4.0, images)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer.serve() as scripted:
        yield scripted


def model_of(server: ScriptedServer, tmp_path: Path, **card: Any) -> ModelInfo:
    folder = tmp_path / "remote"
    folder.mkdir(exist_ok=True)
    address = f"openai+{server.url}/v1#picture-1"
    (folder / "easel.json").write_text(json.dumps({"remote": address, "sizes": [[64, 64]], **card}))
    return describe(str(folder))


@pytest.fixture
async def engine(server: ScriptedServer, tmp_path: Path) -> AsyncIterator[RemoteEngine]:
    timeout = httpx.Timeout(5.0, read=1.0)
    made = RemoteEngine(lambda _: "a-key", patience_seconds=1.0, first_wait_seconds=0.05, timeout=timeout)
    await made.load(model_of(server, tmp_path))
    yield made
    await made.close()


async def generate(engine: RemoteEngine, request: BatchRequest, seen: list[Progress] | None = None) -> Any:
    on_progress = (seen if seen is not None else []).append
    return await engine.generate(request, on_progress=on_progress, should_stop=lambda: False)


async def failure(engine: RemoteEngine) -> EaselError:
    with pytest.raises(EaselError) as raised:
        await generate(engine, batch(ROCKET))
    return raised.value


async def test_a_server_is_asked_in_its_own_words_with_its_key(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [made()]
    [made_picture] = await generate(engine, batch(ROCKET))
    assert (made_picture.size, made_picture.getpixel((0, 0))) == ((64, 64), (255, 0, 0))
    [(path, headers, body)] = server.requests
    assert (path, headers["authorization"]) == ("/v1/images/generations", "Bearer a-key")
    assert body == {
        "model": "picture-1",
        "prompt": "a red rocket",
        "n": 1,
        "size": "64x64",
        "stream": True,
        "partial_images": 3,
    }


async def test_what_a_card_says_goes_along(server: ScriptedServer, engine: RemoteEngine, tmp_path: Path) -> None:
    card = {"parameters": ["seed", "steps", "guidance", "negative_prompt"], "extra": {"quality": "high", "n": 1}}
    await engine.load(model_of(server, tmp_path, **card))
    server.script = [made(), made()]
    await generate(engine, batch(ROCKET, HEART))
    bodies = {body["prompt"]: body for _, _, body in server.requests}
    rocket, heart = bodies["a red rocket"], bodies["a blue heart"]
    assert (rocket["seed"], rocket["steps"], rocket["guidance"], rocket["negative_prompt"]) == (7, 20, 4.0, "mush")
    assert (rocket["quality"], heart["seed"], "negative_prompt" in heart) == ("high", 8, False)


async def test_a_stream_is_progress_with_previews(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [
        stream(partial(0), partial(1), partial(2), {"type": "image_generation.completed", "b64_json": picture()})
    ]
    seen: list[Progress] = []
    await generate(engine, batch(ROCKET), seen)
    assert [progress.step for progress in seen] == [5, 10, 15, 20]
    assert [len(progress.previews) for progress in seen] == [1, 1, 1, 0]


async def test_a_server_without_streams_is_asked_without(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [Answer(400, refusal("unknown_parameter", "stream")), made(), made()]
    await generate(engine, batch(ROCKET))
    await generate(engine, batch(ROCKET))
    assert ["stream" in body for _, _, body in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(429, refusal("rate_limit_exceeded")),
        Answer(503, b"<html>"),
        Answer(502, b""),
        Answer(200, b'{"data": [', cut=True),
        stream(partial(0)),
        Answer(200, b"", hold=True),
    ],
    ids=["rate limit", "unavailable", "gateway", "cut short", "stream cut short", "silence"],
)
async def test_what_may_pass_is_tried_again(server: ScriptedServer, engine: RemoteEngine, trouble: Answer) -> None:
    engine._patience_seconds = 10
    server.script = [trouble, made()]
    assert len(await generate(engine, batch(ROCKET))) == 1
    assert len(server.requests) == 2


async def test_retry_after_is_obeyed(
    server: ScriptedServer, engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(remote_engine, "sleep", sleep)  # the engine's alone: the server of the test sleeps as well
    engine._patience_seconds = 100
    server.script = [
        Answer(429, refusal("rate_limit_exceeded"), {"Retry-After": "7"}),
        Answer(503),
        Answer(503),
        made(),
    ]
    await generate(engine, batch(ROCKET))
    assert slept == [7.0, 0.1, 0.2]
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert 25 < (retry_after(format_datetime(later, usegmt=True)) or 0) <= 30
    assert retry_after("soon") is None


async def test_patience_ends_and_the_job_is_handed_back(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [Answer(503)] * 20
    error = await failure(engine)
    assert isinstance(error, Unavailable)
    assert "does not answer at the moment (status 503)" in error.detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(400, refusal("size_not_supported", "size")), "refused: size_not_supported"),
        (Answer(429, refusal("insufficient_quota")), "refused: insufficient_quota"),
        (Answer(500, refusal("engine_failed"), {"X-Should-Retry": "false"}), "refused: engine_failed"),
        (Answer(401, b"no"), "refused: status 401"),
        (Answer(307, b"", {"Location": "http://127.0.0.1:1/elsewhere"}), "refused: status 307"),
        (Answer(400, refusal("content_policy_violation")), "refuses this prompt by its own rules"),
        (Answer(400, refusal("Robert'); DROP TABLE images")), "refused: status 400"),
        (Answer(200, b"<html>hello</html>"), "no JSON object"),
        (Answer(200, {"data": []}), "without a picture"),
        (Answer(200, {"data": [{"url": "http://127.0.0.1:1/x.png"}]}), "response_format"),
        (made("bm8gcGljdHVyZQ=="), "no picture"),
        (made("not base64"), "no picture"),
        (made(picture((32, 64))), "32x64 pixels instead of 64x64"),
        (made(picture((4000, 4000))), "no picture"),
        (stream({"type": "error", **refusal("moderation_blocked")}), "by its own rules"),
    ],
)
async def test_what_will_not_pass_fails_at_once_and_says_why(
    server: ScriptedServer, engine: RemoteEngine, answer: Answer, words: str
) -> None:
    server.script = [answer]
    error = await failure(engine)
    assert isinstance(error, UpstreamFailed)
    assert words in error.detail
    assert "their words" not in error.detail
    assert len(server.requests) == 1


async def test_an_endless_answer_is_not_read_to_its_end(
    server: ScriptedServer, engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.remote_answers.LARGEST_ANSWER", 1000)
    server.script = [Answer(200, b"x" * 2000)]
    assert "far too much" in (await failure(engine)).detail


async def test_one_refused_image_stops_its_companions(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [stream(partial(0), hold=True), Answer(400, refusal("content_policy_violation"))]
    with pytest.raises(UpstreamFailed):
        await generate(engine, batch(ROCKET, HEART))
    await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_a_stop_hangs_up_and_the_next_call_works(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [stream(partial(0), hold=True), made()]
    seen: list[Progress] = []
    with pytest.raises(GenerationCanceled):
        await engine.generate(batch(ROCKET), on_progress=seen.append, should_stop=lambda: bool(seen))
    await asyncio.wait_for(server.hung_up.wait(), 5)
    assert len(await generate(engine, batch(ROCKET))) == 1


async def test_an_abandoned_call_hangs_up(server: ScriptedServer, engine: RemoteEngine) -> None:
    server.script = [stream(partial(0), hold=True)]
    started = asyncio.Event()
    call = asyncio.create_task(
        engine.generate(batch(ROCKET), on_progress=lambda _: started.set(), should_stop=lambda: False)
    )
    await asyncio.wait_for(started.wait(), 5)
    call.cancel()
    await asyncio.wait_for(server.hung_up.wait(), 5)
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_refused_key_is_told_when_the_model_is_loaded(
    server: ScriptedServer, engine: RemoteEngine, tmp_path: Path
) -> None:
    server.on_get = Answer(401, refusal("invalid_api_key"))
    with pytest.raises(ModelUnavailable, match="check EASEL_REMOTE_KEYS"):
        await engine.load(model_of(server, tmp_path))


async def test_a_host_without_a_key_is_not_asked() -> None:
    engine = RemoteEngine(lambda _: None)
    with pytest.raises(ModelUnavailable, match=r"set EASEL_REMOTE_KEYS=api\.example\.com=KEY"):
        await engine.load(describe("openai+https://api.example.com/v1#picture-1"))
    with pytest.raises(ModelUnavailable, match="is not loaded"):
        await generate(engine, batch(ROCKET))
    await engine.close()
