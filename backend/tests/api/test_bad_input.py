"""Bad input gets a clear problem that says what to do, and nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.studio import Browser, Studio


async def refused(browser: Browser, body: Any) -> dict[str, Any]:
    answer = await browser.post("/api/v1/generate", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "code", "trace_id", "errors"}
    assert (await browser.get("/api/v1/jobs")).json()["items"] == []
    return problem


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"prompt": ""}, "/prompt", "The prompt is empty. Say what"),
        ({"prompt": " \n\t "}, "/prompt", "The prompt is empty. Say what"),
        ({"prompt": "x" * 2001}, "/prompt", "2001 characters; 2000 are allowed"),
        ({"prompt": "x" * 20001}, "/prompt", "at most 20000 characters"),
        ({"prompt": "a\x00b"}, "/prompt", "NUL"),
        ({"prompt": None}, "/prompt", "valid string"),
        ({}, "/prompt", "required"),
        ({"prompt": "x", "width": 65}, "/width", "from 64 to 128 pixels in multiples of 8"),
        ({"prompt": "x", "height": 4096}, "/height", "from 64 to 128 pixels in multiples of 8"),
        ({"prompt": "x", "width": -1}, "/width", "greater than or equal to 1"),
        ({"prompt": "x", "steps": 51}, "/steps", "1 to 50 steps"),
        ({"prompt": "x", "num_images": 5}, "/num_images", "1 to 4 images"),
        ({"prompt": "x", "seed": 2**32}, "/seed", "less than"),
        ({"prompt": "x", "model": "nope"}, "/model", "Choose one of: plain"),
        ({"prompt": "x", "negative_prompt": "y" * 2001}, "/negative_prompt", "2000 are allowed"),
        ({"prompt": "x", "colour": "red"}, "/colour", "not permitted"),
        ({"prompt": "x", "visibility": "public"}, "/visibility", "private"),
    ],
)
async def test_a_wrong_value_is_named(studio: Studio, body: Any, pointer: str, words: str) -> None:
    problem = await refused(await studio.register("ann"), body)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert words in problem["detail"]


async def test_every_wrong_value_is_named_at_once(studio: Studio) -> None:
    problem = await refused(await studio.register("ann"), {"prompt": "x", "width": 1, "steps": 999})
    assert {error["pointer"] for error in problem["errors"]} == {"/width", "/steps"}


@pytest.mark.parametrize("content", [b"{", b'{"prompt": NaN}', b'{"prompt":"x","guidance":NaN}', b"[]", b'"\xff"', b""])
async def test_a_body_that_is_no_such_json_is_refused(studio: Studio, content: bytes) -> None:
    ann = await studio.register("ann")
    answer = await ann.post("/api/v1/generate", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_deeply_nested_json_is_refused(studio: Studio) -> None:
    ann = await studio.register("ann")
    content = b"[" * 100_000 + b"]" * 100_000
    answer = await ann.post("/api/v1/generate", content=content, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_body_over_the_bound_is_a_413(studio: Studio) -> None:
    ann = await studio.register("ann")
    declared = await ann.post("/api/v1/generate", json={"prompt": "x" * 1_100_000})
    assert declared.status_code == 413
    assert declared.json()["code"] == "body_too_large"

    async def chunks() -> Any:
        for _ in range(12):
            yield b"x" * 100_000

    undeclared = await ann.post("/api/v1/generate", content=chunks(), headers={"Content-Type": "application/json"})
    assert undeclared.status_code == 413


async def test_a_lone_surrogate_is_refused_and_any_other_unicode_is_kept(studio: Studio) -> None:
    ann = await studio.register("ann")
    headers = {"Content-Type": "application/json"}
    lone = await ann.post("/api/v1/generate", content=rb'{"prompt": "\ud800"}', headers=headers)
    assert lone.status_code == 422
    words = "ракета 🚀 صاروخ \u202eזמן\u0301 <script>alert(1)</script>"
    job = await ann.generate(words)
    await studio.drain()
    assert (await ann.status(job["job_id"]))["prompt"] == words


async def test_an_unknown_address_a_wrong_method_and_a_bad_id_are_problems(studio: Studio) -> None:
    ann = await studio.register("ann")
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("PUT", "/api/v1/generate", 405),
        ("GET", "/api/v1/status/7", 422),
        ("GET", "/api/v1/images?cursor=forged!", 422),
        ("GET", "/api/v1/images?cursor=AAAA", 422),
        ("GET", "/api/v1/images?limit=0", 422),
    ):
        answer = await ann.request(method, path)
        assert answer.status_code == status, path
        assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"]
