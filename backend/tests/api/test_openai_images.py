"""The official OpenAI client against the whole studio: it can't tell the difference where there should be none."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from app.engine.imaging import read_parameters
from app.engine.png_parameters import parse_parameters
from tests.support.studio import Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def client_of(studio: Studio, ann: Browser, **options: Any) -> AsyncOpenAI:
    answer = await ann.post("/api/v1/keys", json={"name": "a program", "scopes": ["jobs:write", "jobs:read"]})
    assert answer.status_code == 201, answer.text
    return await connect(studio, answer.json()["key"], **options)


async def connect(studio: Studio, key: str, **options: Any) -> AsyncOpenAI:
    http = await studio.stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=20))
    return AsyncOpenAI(base_url=f"{studio.url}/v1", api_key=key, http_client=http, **options)


async def ask_often(client: AsyncOpenAI, times: int) -> None:
    for _ in range(times):
        await client.models.retrieve("plain")


@asynccontextmanager
async def working(studio: Studio) -> AsyncIterator[None]:
    """The worker works meanwhile."""

    async def work() -> None:
        while True:
            await studio.drain()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(500):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def opened(content: str | None) -> Image.Image:
    picture = Image.open(io.BytesIO(base64.b64decode(content or "")))
    picture.load()
    return picture


async def test_images_come_as_asked_with_their_parameters_inside(studio: Studio) -> None:
    ann = await studio.register("ann")
    client = await client_of(studio, ann)
    async with working(studio):
        answer = await client.images.generate(prompt="a red rocket", n=2, size="128x64", extra_body={"seed": 7})
    assert answer.data is not None
    assert (answer.size, answer.output_format, answer.background) == ("128x64", "png", "opaque")
    assert [opened(each.b64_json).size for each in answer.data] == [(128, 64)] * 2
    text = read_parameters(base64.b64decode(answer.data[1].b64_json or ""))
    assert parse_parameters(text or "").seed == 8
    gallery = (await ann.get("/api/v1/images")).json()["items"]
    assert {image["prompt"] for image in gallery} == {"a red rocket"}
    assert len(gallery) == 2


async def test_a_url_reads_the_image_without_signing_in(studio: Studio) -> None:
    client = await client_of(studio, await studio.register("ann"))
    async with working(studio):
        answer = await client.images.generate(prompt="a heart", response_format="url")
    assert answer.data is not None
    url = answer.data[0].url or ""
    assert url.startswith(studio.settings.public_url + "/")
    async with httpx.AsyncClient(trust_env=False) as nobody:
        file = await nobody.get(url.replace(studio.settings.public_url, studio.url))
    assert (file.status_code, file.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
async def test_other_formats_keep_the_parameters(studio: Studio, output_format: Any) -> None:
    client = await client_of(studio, await studio.register("ann"))
    async with working(studio):
        answer = await client.images.generate(prompt="a heart", output_format=output_format, output_compression=80)
    assert answer.data is not None
    picture = opened(answer.data[0].b64_json)
    assert (picture.format or "").lower() == output_format
    comment = picture.getexif().get_ifd(0x8769)[0x9286]
    assert comment.removeprefix(b"UNICODE\x00").decode("utf-16-be").startswith("a heart\n")


async def test_quality_means_steps_within_what_the_model_takes(studio: Studio) -> None:
    client = await client_of(studio, await studio.register("ann"))
    async with working(studio):
        for quality in ("low", "standard", "high"):
            await client.images.generate(prompt="a heart", quality=quality)  # type: ignore[call-overload]
        await client.images.generate(prompt="a heart", quality="high", extra_body={"steps": 3})
    assert [request.steps for request in studio.engine.requests] == [2, 4, 8, 3]


async def test_a_stream_shows_the_image_while_it_is_made(studio: Studio) -> None:
    client = await client_of(studio, await studio.register("ann"))
    studio.engine.pause = 0.05  # a job that is faster than its previews shows none
    async with working(studio):
        stream = await client.images.generate(
            prompt="a heart", n=2, stream=True, partial_images=2, extra_body={"steps": 30}
        )
        events = [event async for event in stream]
    partial = [event for event in events if event.type == "image_generation.partial_image"]
    completed = [event for event in events if event.type == "image_generation.completed"]
    assert [event.partial_image_index for event in partial] == list(range(len(partial)))
    assert 1 <= len(partial) <= 2
    assert events[len(partial) :] == completed
    assert [opened(event.b64_json).format for event in events] == ["PNG"] * len(events)
    assert [opened(event.b64_json).size for event in completed] == [(64, 64)] * 2


async def test_the_models_of_the_studio_are_told(studio: Studio) -> None:
    client = await client_of(studio, await studio.register("ann"))
    assert [model.id async for model in client.models.list()] == ["plain"]
    assert (await client.models.retrieve("plain")).object == "model"
    with pytest.raises(openai.NotFoundError) as refusal:
        await client.models.retrieve("dall-e-3")
    assert refusal.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("wrong", "kind", "param", "code"),
    [
        ({"prompt": "  "}, openai.BadRequestError, "prompt", "value_error"),
        ({"prompt": "x" * 2001}, openai.BadRequestError, "prompt", "too_long"),
        ({"model": "dall-e-3"}, openai.NotFoundError, "model", "model_not_found"),
        ({"size": "1024x1024"}, openai.BadRequestError, "size", "size_not_supported"),
        ({"size": "0x0"}, openai.BadRequestError, "size", "value_error"),
        ({"size": "large"}, openai.BadRequestError, "size", "value_error"),
        ({"n": 5}, openai.BadRequestError, "n", "out_of_range"),
        ({"n": 0}, openai.BadRequestError, "n", "greater_than_equal"),
        ({"background": "transparent"}, openai.BadRequestError, "background", "value_error"),
        ({"moderation": "low"}, openai.BadRequestError, "moderation", "value_error"),
        ({"partial_images": 2}, openai.BadRequestError, "partial_images", "value_error"),
        ({"output_compression": 50}, openai.BadRequestError, "output_compression", "value_error"),
        (
            {"response_format": "url", "output_format": "webp"},
            openai.BadRequestError,
            "response_format",
            "value_error",
        ),
        ({"extra_body": {"sampler": "DDIM"}}, openai.BadRequestError, "sampler", "unknown_parameter"),
        ({"prompt": openai.omit}, openai.BadRequestError, "prompt", "missing_required_parameter"),
    ],
)
async def test_what_is_refused_says_which_parameter_and_why(
    studio: Studio, wrong: dict[str, Any], kind: type[openai.APIStatusError], param: str, code: str
) -> None:
    client = await client_of(studio, await studio.register("ann"))
    with pytest.raises(kind) as refusal:
        await client.images.generate(**{"prompt": "a heart", **wrong})
    error = refusal.value
    assert (error.type, error.param, error.code) == ("invalid_request_error", param, code)
    assert error.body["message"]  # type: ignore[index]
    assert not studio.wake_ups.woken


async def test_a_wrong_key_is_said_as_openai_says_it(studio: Studio) -> None:
    client = await connect(studio, "esl_nothing")
    with pytest.raises(openai.AuthenticationError) as refusal:
        await client.images.generate(prompt="a heart")
    assert refusal.value.code == "invalid_api_key"


async def test_a_key_without_the_scope_may_look_but_not_make(studio: Studio) -> None:
    ann = await studio.register("ann")
    answer = await ann.post("/api/v1/keys", json={"name": "reads", "scopes": ["jobs:read"]})
    client = await connect(studio, answer.json()["key"])
    assert [model.id async for model in client.models.list()]
    with pytest.raises(openai.PermissionDeniedError) as refusal:
        await client.images.generate(prompt="a heart")
    assert refusal.value.code == "missing_scope"


async def test_an_empty_quota_is_told_once_and_not_tried_again(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(quota_monthly=0.001) as studio:
        client = await client_of(studio, await studio.register("ann"))
        with pytest.raises(openai.RateLimitError) as refusal:
            await client.images.generate(prompt="a heart")
        error = refusal.value
        assert (error.type, error.code) == ("insufficient_quota", "insufficient_quota")
        assert error.response.headers["X-Should-Retry"] == "false"
        assert "megapixel-steps" in error.message


async def test_too_many_requests_say_when_to_come_back(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(requests_per_minute=20) as studio:
        client = await client_of(studio, await studio.register("ann"), max_retries=0)
        with pytest.raises(openai.RateLimitError) as refusal:
            await ask_often(client, 40)
        assert (refusal.value.type, refusal.value.code) == ("requests", "rate_limit_exceeded")
        assert int(refusal.value.response.headers["Retry-After"]) >= 1


async def test_unknown_paths_methods_and_too_large_bodies_keep_the_shape(studio: Studio) -> None:
    http = await studio.http()
    answers = [
        await http.get("/v1/embeddings"),
        await http.get("/v1/images/generations"),
        await http.post("/v1/images/generations", content=b"x" * 1_100_000),
    ]
    assert [answer.status_code for answer in answers] == [404, 405, 413]
    assert [answer.json()["error"]["code"] for answer in answers] == [
        "not_found",
        "method_not_allowed",
        "body_too_large",
    ]
    assert all(set(answer.json()["error"]) == {"message", "type", "param", "code"} for answer in answers)


async def test_a_job_that_fails_says_why_and_is_not_tried_again(studio: Studio) -> None:
    client = await client_of(studio, await studio.register("ann"))
    studio.engine.poison.add("a heart")
    async with working(studio):
        with pytest.raises(openai.InternalServerError) as failure:
            await client.images.generate(prompt="a heart")
        stream = aiter(await client.images.generate(prompt="a heart", stream=True))
        with pytest.raises(openai.APIError) as streamed:
            await anext(stream)  # the error is an event
    assert (failure.value.type, failure.value.code) == ("server_error", "engine_failed")
    assert "failed on this job" in streamed.value.message
    assert len(studio.engine.requests) == 6  # three attempts each, asked for once each


async def test_a_job_that_nobody_starts_in_time_fails_in_time(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(wait_seconds=1) as studio:
        client = await client_of(studio, await studio.register("ann"))
        asking = asyncio.create_task(client.images.generate(prompt="a heart"))
        while not asking.done():
            await studio.services.queue.sweep()
            await asyncio.sleep(0.05)
        with pytest.raises(openai.InternalServerError) as failure:
            await asking
        assert (failure.value.status_code, failure.value.code) == (504, "deadline_exceeded")


@pytest.mark.parametrize("stream", [False, True])
async def test_who_hangs_up_cancels(studio: Studio, stream: Any) -> None:
    ann = await studio.register("ann")
    client = await client_of(studio, ann)

    async def ask() -> None:
        answer = await client.images.generate(prompt="a heart", stream=stream)
        async for _ in answer:
            pass

    asking = asyncio.create_task(ask())
    await until(lambda: has_job(ann, "QUEUED"))
    await asyncio.sleep(0.1)
    asking.cancel()
    await until(lambda: has_job(ann, "CANCELED"))


async def test_with_a_key_one_may_hang_up_and_come_back(studio: Studio) -> None:
    ann = await studio.register("ann")
    client = await client_of(studio, ann)

    async def ask() -> str | None:
        answer = await client.images.generate(prompt="a heart", extra_headers={"Idempotency-Key": "once"})
        assert answer.data is not None
        return answer.data[0].b64_json

    first = asyncio.create_task(ask())
    await until(lambda: has_job(ann, "QUEUED"))
    await asyncio.sleep(0.1)
    first.cancel()
    async with working(studio):
        again, and_again = await ask(), await ask()
    assert again == and_again
    jobs = (await ann.get("/api/v1/jobs")).json()["items"]
    assert [job["status"] for job in jobs] == ["COMPLETED"]


async def test_the_end_is_heard_of_without_redis_too(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await client_of(studio, await studio.register("ann"))

    async def lost(*_: object) -> None:
        return None

    monkeypatch.setattr(studio.parts.bus, "publish", lost)
    monkeypatch.setattr("app.services.waiting.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("app.services.waiting.TICK_SECONDS", 0.1)
    async with working(studio):
        answer = await client.images.generate(prompt="a heart")
    assert answer.data is not None
    assert opened(answer.data[0].b64_json).size == (64, 64)


async def has_job(ann: Browser, status: str) -> bool:
    return bool((await ann.get(f"/api/v1/jobs?status={status}")).json()["items"])
