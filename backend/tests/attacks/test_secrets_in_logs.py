"""Nothing that opens a door is ever logged: not by us, and not by a library's error that quotes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import orjson
import pytest

from app.core.logging import configure_logging, get_logger
from tests.support.studio import PASSWORD, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_a_day_in_the_studio_leaves_no_secret_in_the_log(
    open_studio_with: OpenStudio, capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    async with open_studio_with(log_level="DEBUG", log_format=log_format, registration="open") as studio:
        ann = await studio.register("ann")
        wrong = {"email": "ann@example.com", "password": "a wrong password of ann's"}
        await ann.http.post("/api/v1/auth/login", json=wrong)
        login = await ann.http.post("/api/v1/auth/login", json={**wrong, "password": PASSWORD})
        token = login.json()["access_token"]
        form = {"username": "ann@example.com", "password": PASSWORD}
        other_token = (await ann.http.post("/api/v1/auth/token", data=form)).json()["access_token"]
        key = (await ann.post("/api/v1/keys", json={"name": "x", "scopes": ["jobs:read"]})).json()["key"]
        for bearer in (token, key, token[:-3] + "abc", "esl_" + "x" * 40, "Bearer"):
            headers = {"Authorization": f"Bearer {bearer}"}
            await ann.http.get("/api/v1/users/me", headers=headers)
            await ann.http.get("/api/v1/jobs", params={"cursor": "forged", "access_token": token}, headers=headers)
        await ann.post("/api/v1/auth/refresh")
        await ann.generate()
        await studio.drain()
        image = (await ann.get("/api/v1/images")).json()["items"][0]
        await ann.get(image["url"])
        cookies = dict(ann.http.cookies.items())
        secret = studio.settings.require_secret().decode()
    log = capsys.readouterr().out
    assert "/api/v1/auth/login" in log
    signature = image["url"].rpartition("signature=")[2]
    secrets = {PASSWORD, wrong["password"], token, other_token, key, secret, signature, *cookies.values()}
    assert len(cookies) == 4
    assert [each for each in secrets if each in log] == []


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("header was Authorization: Bearer abcDEF123.ghi-456_789", "abcDEF123"),
        ("could not connect to postgresql://easel:hunter2secret@127.0.0.1:5432/easel", "hunter2secret"),
        ("redis://:hunter2secret@127.0.0.1/0 is away", "hunter2secret"),
        ("the key esl_abcdefghijklmnop was refused", "abcdefghijklmnop"),
        ("token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl is bad", "eyJzdWIiOiIxIn0"),
        ("Cookie: easel_access=abcdefgh1234; easel_csrf=ijklmnop5678", "ijklmnop5678"),
        ("GET /api/v1/files/a.png?expires=1&signature=0123456789abcdef", "0123456789abcdef"),
        ("body {'client_secret': 'hunter2secret'}", "hunter2secret"),
        ("signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqr"),
    ],
)
def test_a_secret_in_anybodys_text_is_replaced(
    capsys: pytest.CaptureFixture[str], log_format: str, text: str, secret: str
) -> None:
    configure_logging(level="INFO", log_format=log_format, service="test")
    logging.getLogger("some.library").error("it failed: %s", text)
    get_logger("ours").info("it_failed", why=text, more={"deep": [text]})
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        get_logger("ours").error("it_failed", exc_info=error)
    log = capsys.readouterr().out
    assert log.count("it_failed") == 2
    assert "[redacted]" in log
    assert secret not in log


@pytest.mark.parametrize("name", ["password", "new_password", "refresh_token", "Set-Cookie", "csrf", "totp_secret"])
def test_a_value_under_a_telling_name_is_replaced_whatever_it_looks_like(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    configure_logging(level="INFO", log_format="json", service="test")
    get_logger("ours").info("x", **{name: "hunter", "nested": {name: "hunter"}})
    log = capsys.readouterr().out
    assert "hunter" not in log
    assert log.count("[redacted]") == 2


def test_ordinary_lines_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="INFO", log_format="json", service="test")
    get_logger("ours").info(
        "prompt_tokenized", words="a token of love, the basic form", url="https://example.com/a?b=c"
    )
    log = capsys.readouterr().out
    assert "a token of love, the basic form" in log
    assert "https://example.com/a?b=c" in log


async def test_what_was_refused_and_why_is_logged_without_what_was_sent(
    open_studio_with: OpenStudio, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_studio_with(log_level="INFO", log_format="json") as studio:
        ann = await studio.register("ann")
        key = (await ann.post("/api/v1/keys", json={"name": "x", "scopes": ["jobs:read"]})).json()["key"]
        http = await studio.http()
        await http.post("/api/v1/generate", json={"prompt": "x"}, headers={"Authorization": f"Bearer {key}"})
        await ann.post("/api/v1/generate", json={"prompt": "x", "steps": "a value of theirs"})
    lines = [orjson.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    (refused,) = [line for line in lines if line["event"] == "request_refused"]
    assert (refused["operation"], refused["status"], refused["code"]) == ("generate", 403, "missing_scope")
    (input_refused,) = [line for line in lines if line["event"] == "input_refused"]
    assert input_refused["fields"] == ["/steps int_parsing"]
    assert "a value of theirs" not in str(lines)
