"""`./easel generate` as a program: what it says and how it exits, against a real HTTP server where one is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.cli.studio.ports import LOOPBACK, free_port

BACKEND = Path(__file__).parents[2]


def generate(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EASEL_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "generate", *arguments],
        env={**clean, "PYTHONPATH": str(BACKEND), "EASEL_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class OtherServer(BaseHTTPRequestHandler):
    """Not Easel, or an Easel that says no: answers every request with one prepared answer."""

    status = 200
    body = b"<html>hello</html>"

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that gives the parametrised (status, body); its address."""
    status, body = request.param
    handler = type("Prepared", (OtherServer,), {"status": status, "body": body})
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{LOOPBACK}:{server.server_port}"
    server.shutdown()
    server.server_close()


def problem(status: int, code: str, detail: str, *fields: tuple[str, str]) -> tuple[int, bytes]:
    errors = [{"pointer": pointer, "code": "wrong", "detail": said} for pointer, said in fields]
    return status, json.dumps({"status": status, "code": code, "detail": detail, "errors": errors}).encode()


def test_a_missing_folder_is_said_before_anything_is_started(home: Path, tmp_path: Path) -> None:
    result = generate(home, "a heart", "-o", str(tmp_path / "missing" / "heart.png"))
    assert result.returncode == 2
    assert "there is no folder" in result.stderr
    assert not home.exists()


def test_a_server_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    address = f"http://{LOOPBACK}:{free_port()}"
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), "--server", address)
    assert result.returncode == 3
    assert f"no answer from {address}" in result.stderr


@pytest.mark.parametrize("answer", [(200, b"<html>hello</html>")], indirect=True)
def test_a_server_that_is_not_easel_is_recognised(home: Path, tmp_path: Path, answer: str) -> None:
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), "--server", answer)
    assert result.returncode == 3
    assert "is not Easel" in result.stderr


@pytest.mark.parametrize("answer", [problem(401, "unauthenticated", "The access token has expired.")], indirect=True)
def test_a_wrong_token_says_where_tokens_come_from(home: Path, tmp_path: Path, answer: str) -> None:
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), "--server", answer, EASEL_TOKEN="old")
    assert result.returncode == 4
    assert "The access token has expired." in result.stderr
    assert "EASEL_TOKEN" in result.stderr


@pytest.mark.parametrize(
    "answer",
    [problem(422, "invalid_input", "2 values are wrong.", ("/width", "Too wide."), ("/steps", "Too many."))],
    indirect=True,
)
def test_every_wrong_value_is_said_and_the_old_file_stays(home: Path, tmp_path: Path, answer: str) -> None:
    path = tmp_path / "heart.png"
    path.write_bytes(b"old")
    result = generate(home, "a heart", "-o", str(path), "--server", answer)
    assert result.returncode == 2
    assert "/width: Too wide." in result.stderr
    assert "/steps: Too many." in result.stderr
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("answer", [(502, b"<html>Bad gateway</html>")], indirect=True)
def test_an_answer_of_a_proxy_between_is_said_without_its_page(home: Path, tmp_path: Path, answer: str) -> None:
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), "--server", answer)
    assert result.returncode == 2
    assert "502" in result.stderr
    assert "<html>" not in result.stderr


def test_a_missing_model_directory_names_its_setting(home: Path, tmp_path: Path) -> None:
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), EASEL_MODEL="/no/such/model")
    assert result.returncode == 1
    assert "EASEL_MODEL" in result.stderr
    assert "/no/such/model" in result.stderr
    assert "Traceback" not in result.stderr


def test_every_wrong_setting_is_named_at_once(home: Path, tmp_path: Path) -> None:
    variables = {"EASEL_DEVICE": "toaster", "EASEL_STORAGE_URL": "ftp://example"}
    result = generate(home, "a heart", "-o", str(tmp_path / "heart.png"), **variables)
    assert result.returncode == 1
    assert "EASEL_DEVICE" in result.stderr
    assert "EASEL_STORAGE_URL" in result.stderr
    assert "Traceback" not in result.stderr
