"""What the pages tell about their own faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]
REPORT: dict[str, Any] = {"message": "x is not a function", "path": "/gallery", "stack": "at Gallery", "digest": "12"}


async def test_a_fault_of_a_page_is_in_the_log_under_the_trace_that_the_page_is_told(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    http = await studio.http()
    answer = await http.post("/api/v1/page-errors", json=REPORT, headers={"User-Agent": "a browser"})
    assert answer.status_code == 202
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    logged = [line for line in lines if line["logger"] == "app.api.v1.page_errors"]
    assert len(logged) == 1
    assert logged[0] | {"message": REPORT["message"], "trace_id": answer.json()["trace_id"]} == logged[0]
    assert answer.headers["X-Trace-Id"] == answer.json()["trace_id"]


@pytest.mark.parametrize(
    "changes",
    [
        {"message": ""},
        {"message": "x" * 501},
        {"path": "/generate?prompt=secret"},
        {"path": "https://evil.example"},
        {"stack": "x" * 4_001},
        {"digest": "two words"},
        {"cookie": "easel_access=x"},
    ],
)
async def test_what_is_too_long_or_tells_too_much_is_refused(studio: Studio, changes: dict[str, Any]) -> None:
    http = await studio.http()
    assert (await http.post("/api/v1/page-errors", json=REPORT | changes)).status_code == 422


async def test_another_sites_pages_and_whoever_floods_are_refused(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(address_requests_per_minute=5) as studio:
        http = await studio.http()
        foreign = await http.post("/api/v1/page-errors", json=REPORT, headers={"Origin": "https://evil.example"})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
        codes = [(await http.post("/api/v1/page-errors", content=json.dumps(REPORT))).status_code for _ in range(12)]
        assert codes[-1] == 429
