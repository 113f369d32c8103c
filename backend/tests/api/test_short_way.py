"""POST /generate has a short way past FastAPI's own machinery; what is unusual goes the long way, to the same end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.studio import Browser, Studio

PATH = "/api/v1/generate"
ASKED = {"prompt": "a red rocket", "seed": 7}


async def _post(browser: Browser, content: bytes, **headers: str) -> Any:
    csrf = {"X-CSRF-Token": browser.csrf}
    return await browser.http.post(PATH, content=content, headers={**csrf, **headers})


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "application/x+json"])
async def test_both_ways_give_the_same_answer(studio: Studio, content_type: str) -> None:
    ann = await studio.register("ann")
    answer = await _post(ann, b'{"prompt": "a red rocket", "seed": 7}', **{"Content-Type": content_type})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["Location"] == f"/api/v1/status/{job['job_id']}"
    assert (job["status"], job["prompt"], job["params"]["seed"]) == ("QUEUED", "a red rocket", 7)
    assert {"x-request-id", "x-trace-id", "ratelimit", "ratelimit-policy", "content-security-policy"} <= set(
        answer.headers
    )


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 422, "invalid_input"),
        (b"", {}, 422, "invalid_input"),
        (b"[]", {}, 422, "invalid_input"),
        (b'{"prompt": " "}', {}, 422, "invalid_input"),
        (b'{"prompt": "a", "colour": "red"}', {}, 422, "invalid_input"),
        (b'{"prompt": "a"}', {"Idempotency-Key": "x" * 256}, 422, "invalid_input"),
        (b'{"prompt": "a"}', {"Content-Type": "text/plain"}, 422, "invalid_input"),
    ],
)
async def test_what_is_wrong_is_said_as_on_every_route(
    studio: Studio, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    ann = await studio.register("ann")
    answer = await _post(ann, content, **{"Content-Type": "application/json", **headers})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_without_a_sign_in_or_its_csrf_token_nothing_is_made(studio: Studio) -> None:
    ann, stranger = await studio.register("ann"), await studio.http()
    assert (await stranger.post(PATH, json=ASKED)).status_code == 401
    assert (await ann.http.post(PATH, json=ASKED)).status_code == 403
