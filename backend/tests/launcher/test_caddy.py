"""The proxy with two real servers behind it, which say what reached them."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from app.cli.studio.caddy import Caddy
from app.cli.studio.ports import LOOPBACK, free_port
from app.cli.studio.processes import spawn, stop


class Echo(BaseHTTPRequestHandler):
    """Answers with who it is and the headers that it got; /…/events is a slow stream."""

    role = ""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.endswith("/events"):
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for number in range(2):
                self.wfile.write(f"data: {number}\n\n".encode())
                self.wfile.flush()
                time.sleep(0.7)
            return
        self.end_headers()
        self.wfile.write(json.dumps({"role": self.role, "path": self.path, "headers": dict(self.headers)}).encode())

    def log_message(self, *_: object) -> None:
        pass


class Api(Echo):
    role = "api"


class Web(Echo):
    role = "web"


@pytest.fixture
def upstream_ports() -> Iterator[tuple[int, int]]:
    servers = [ThreadingHTTPServer((LOOPBACK, 0), handler) for handler in (Api, Web)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield servers[0].server_port, servers[1].server_port
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def origin(home: Path, upstream_ports: tuple[int, int]) -> Iterator[str]:
    yield from serve(home, *upstream_ports)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A file of the pages. Its compressed ones say something else, which real ones don't, so that each can be told."""
    folder = tmp_path / "the pages' static"
    (folder / "chunks").mkdir(parents=True)
    (folder / "chunks" / "a.js").write_text("plain")
    (folder / "chunks" / "a.js.gz").write_bytes(gzip.compress(b"gzipped"))
    (folder / "chunks" / "a.js.br").write_bytes(b"brotli")
    (folder / "media").mkdir()
    (folder / "media" / "sans.woff2").write_bytes(b"wOF2")
    return folder


@pytest.fixture
def origin_with_files(home: Path, upstream_ports: tuple[int, int], static: Path) -> Iterator[str]:
    yield from serve(home, *upstream_ports, static)


@pytest.fixture
def origin_without_pages(home: Path, upstream_ports: tuple[int, int]) -> Iterator[str]:
    """Nobody listens where the pages should be."""
    yield from serve(home, upstream_ports[0], free_port())


def serve(home: Path, api_port: int, web_port: int, static: Path | None = None) -> Iterator[str]:
    (home / "run").mkdir(parents=True)
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    caddy = Caddy(home, LOOPBACK, port, url, api_port, web_port, static)
    caddy.prepare()
    process = spawn(caddy.program, home)
    wait_for(f"{url}/healthz")
    yield url
    stop(process, caddy.program)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"nothing answers at {url}")


@pytest.mark.parametrize(
    "path", ["/api/v1/jobs", "/api/docs", "/v1/models", "/sdapi/v1/txt2img", "/healthz", "/metrics"]
)
def test_these_paths_are_the_api(origin: str, path: str) -> None:
    assert httpx.get(origin + path, trust_env=False).json()["role"] == "api"


@pytest.mark.parametrize("path", ["/", "/gallery", "/apiary", "/_next/static/x.js"])
def test_everything_else_is_a_page(origin: str, path: str) -> None:
    assert httpx.get(origin + path, trust_env=False).json()["role"] == "web"


def test_what_a_client_says_of_its_address_is_replaced(origin: str) -> None:
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
    }
    got = httpx.get(f"{origin}/api/v1/jobs", headers=lies, trust_env=False).json()["headers"]
    assert got["X-Forwarded-For"] == LOOPBACK
    assert got["X-Forwarded-Proto"] == "http"
    assert got["X-Forwarded-Host"] == origin.removeprefix("http://")
    assert "Forwarded" not in got
    assert not [name for name in got if name.lower() == "x-real-ip"]


def test_its_configuration_is_as_caddy_would_write_it(origin: str, home: Path) -> None:
    assert "not formatted" not in (home / "logs" / "caddy.log").read_text()


def test_events_arrive_one_by_one(origin: str) -> None:
    with httpx.stream("GET", f"{origin}/api/v1/events", trust_env=False) as answer:
        times = [time.monotonic() for line in answer.iter_lines() if line.startswith("data")]
    assert times[1] - times[0] > 0.4


def test_another_name_for_this_address_is_refused(origin: str) -> None:
    answer = httpx.get(f"{origin}/api/v1/jobs", headers={"Host": "rebound.example"}, trust_env=False)
    assert answer.status_code == 421


def test_pages_move_to_the_one_name_that_cookies_know(origin: str) -> None:
    port = origin.rpartition(":")[2]
    answer = httpx.get(f"{origin}/gallery?q=1", headers={"Host": f"localhost:{port}"}, trust_env=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{origin}/gallery?q=1"


def test_programs_may_use_the_other_name(origin: str) -> None:
    port = origin.rpartition(":")[2]
    answer = httpx.get(f"{origin}/api/v1/jobs", headers={"Host": f"localhost:{port}"}, trust_env=False)
    assert answer.json()["role"] == "api"


@pytest.mark.parametrize(
    ("accepted", "sent", "body"),
    [("br, gzip", "br", b"brotli"), ("gzip", "gzip", b"gzipped"), ("identity", None, b"plain")],
)
def test_files_of_the_pages_come_from_the_disk_as_small_as_the_browser_takes_them(
    origin_with_files: str, accepted: str, sent: str | None, body: bytes
) -> None:
    headers = {"Accept-Encoding": accepted}
    with httpx.stream(
        "GET", f"{origin_with_files}/_next/static/chunks/a.js", headers=headers, trust_env=False
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert (gzip.decompress(raw) if sent == "gzip" else raw) == body
    assert answer.headers.get("Content-Encoding") == sent
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]
    expect_security_headers(answer)


def test_a_font_is_called_a_font(origin_with_files: str) -> None:
    answer = httpx.get(f"{origin_with_files}/_next/static/media/sans.woff2", trust_env=False)
    assert answer.content == b"wOF2"
    assert answer.headers["Content-Type"] == "font/woff2"


@pytest.mark.parametrize(
    "path", ["/_next/static/gone.js", "/_next/static/chunks/", "/_next/static/../server/x", "/gallery"]
)
def test_what_is_no_file_of_theirs_is_asked_of_the_pages(origin_with_files: str, path: str) -> None:
    answer = httpx.get(origin_with_files + path, trust_env=False)
    assert answer.json()["role"] == "web"
    assert answer.json()["path"] == httpx.URL(origin_with_files + path).path
    assert "Cache-Control" not in answer.headers


def test_with_files_its_configuration_is_as_caddy_would_write_it(origin_with_files: str, home: Path) -> None:
    assert "not formatted" not in (home / "logs" / "caddy.log").read_text()


def expect_security_headers(answer: httpx.Response) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Referrer-Policy" in answer.headers
    assert "Permissions-Policy" in answer.headers
    assert "Caddy" not in answer.headers.get("Server", "")


def test_what_comes_without_security_headers_gets_them(origin: str) -> None:
    port = origin.rpartition(":")[2]
    seen = []
    for path, host in (("/_next/static/x.js", None), ("/x", "rebound.example"), ("/gallery", f"localhost:{port}")):
        headers = {} if host is None else {"Host": host}
        answer = httpx.get(origin + path, headers=headers, trust_env=False)
        expect_security_headers(answer)
        seen.append(answer.status_code)
    assert seen == [200, 421, 307]


def test_an_answer_for_a_part_that_is_away_has_them_too(origin_without_pages: str) -> None:
    answer = httpx.get(f"{origin_without_pages}/", trust_env=False)
    assert answer.status_code == 502
    assert "a part of the studio does not answer" in answer.text
    expect_security_headers(answer)


@pytest.mark.parametrize(
    ("public_url", "told"), [("https://easel.example.com", True), ("http://127.0.0.1:3000", False)]
)
def test_browsers_are_told_to_stay_on_tls_where_there_is_tls(home: Path, public_url: str, told: bool) -> None:
    assert ("Strict-Transport-Security" in Caddy(home, LOOPBACK, 80, public_url, 1, 2).caddyfile()) is told
