"""Lines of the log: what is in them, and who may write one."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
import pytest

from app.core.logging import begin_log_context, bind_log_context, configure_logging, get_logger

Output = pytest.CaptureFixture[str]


def _lines(output: Output) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in output.readouterr().out.splitlines()]


def test_a_line_says_what_who_and_when(capsys: Output) -> None:
    configure_logging(level="INFO", log_format="json", service="test")
    begin_log_context(request_id="r")
    get_logger("ours").info("job_accepted", cost=3)
    [line] = _lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job_accepted",
        "request_id": "r",
        "cost": 3,
        "level": "info",
        "logger": "ours",
        "service": "test",
    }


def test_what_is_bound_goes_into_all_lines_of_its_task_and_no_others(capsys: Output) -> None:
    configure_logging(level="INFO", log_format="json", service="test")

    async def task(number: int) -> None:
        begin_log_context(request_id=str(number))
        await asyncio.sleep(0)
        bind_log_context(job_id=f"job {number}")
        await asyncio.sleep(0)
        get_logger("ours").info("x")
        logging.getLogger("theirs").warning("y")

    async def both() -> None:
        begin_log_context(trace_id="theirs")
        await asyncio.gather(task(1), task(2))
        get_logger("ours").info("z")

    asyncio.run(both())
    *lines, last = _lines(capsys)
    assert {(line["event"], line["request_id"], line["job_id"]) for line in lines} == {
        (event, number, f"job {number}") for event in ("x", "y") for number in ("1", "2")
    }
    assert all("trace_id" not in line for line in lines)
    assert last["trace_id"] == "theirs"
    assert "request_id" not in last


def test_lines_below_the_level_are_not_written(capsys: Output) -> None:
    configure_logging(level="WARNING", log_format="json", service="test")
    get_logger("ours").info("quiet")
    logging.getLogger("theirs").info("quiet")
    get_logger("ours").warning("loud")
    assert [line["event"] for line in _lines(capsys)] == ["loud"]


def test_an_error_is_shown_with_its_frames_without_their_variables(capsys: Output) -> None:
    configure_logging(level="INFO", log_format="json", service="test")
    for log in (get_logger("ours"), logging.getLogger("theirs")):
        try:
            cookie = "hunter2"
            raise RuntimeError(len(cookie))
        except RuntimeError:
            log.exception("it_failed")
    lines = _lines(capsys)
    assert [line["level"] for line in lines] == ["error", "error"]
    for line in lines:
        [error] = line["exception"]
        assert (error["exc_type"], error["exc_value"]) == ("RuntimeError", "7")
        assert error["frames"][0]["name"] == "test_an_error_is_shown_with_its_frames_without_their_variables"
        assert "hunter2" not in str(line)


def test_the_server_writes_no_second_line_of_a_request() -> None:
    configure_logging(level="INFO", log_format="json", service="test")
    assert not logging.getLogger("uvicorn.access").hasHandlers(), "then uvicorn formats none at all"
