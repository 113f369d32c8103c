"""Attack 24, the API's part: other sites' pages, scripts in what people write, and the headers on every answer.

What needs a browser is in `frontend/e2e/journeys/security.spec.ts`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from app.api.authorization import routes_of
from app.main import _bare_app
from app.services.health import HealthService
from tests.api.test_policy import method_of, path_of
from tests.support.studio import PASSWORD, Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

FOREIGN = ["https://evil.example", "null", "http://127.0.0.1:3000.evil.example", "http://127.0.0.1:3001", "", "*"]
UNSAFE = [
    ("POST", "/api/v1/generate", {"prompt": "x"}),
    ("POST", "/api/v1/keys", {"name": "x", "scopes": ["jobs:read"]}),
    ("POST", "/api/v1/auth/logout", None),
    ("PATCH", "/api/v1/images/01a212c5-f7c2-74a0-bbb2-89cc46310643", {"favorite": True}),
    ("DELETE", "/api/v1/images/01a212c5-f7c2-74a0-bbb2-89cc46310643", None),
]
SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>\r\nX-Injected: 1\r\n\r\n<svg/onload=alert(3)>'


async def refused(browser: Browser, method: str, path: str, body: Any, headers: dict[str, str]) -> str:
    answer = await browser.http.request(method, path, headers=headers, **({} if body is None else {"json": body}))
    assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
    return str(answer.json()["code"])


@pytest.mark.parametrize(("method", "path", "body"), UNSAFE)
async def test_a_cookie_alone_changes_nothing(studio: Studio, method: str, path: str, body: Any) -> None:
    ann = await studio.register("ann")
    ours = {"Origin": "http://127.0.0.1:3000"}
    assert await refused(ann, method, path, body, ours) == "csrf_failed"
    assert await refused(ann, method, path, body, {**ours, "X-CSRF-Token": ""}) == "csrf_failed"
    assert await refused(ann, method, path, body, {**ours, "X-CSRF-Token": "0" * 64}) == "csrf_failed"
    assert (await ann.get("/api/v1/users/me")).status_code == 200
    assert (await ann.get("/api/v1/jobs")).json()["items"] == []


@pytest.mark.parametrize("origin", FOREIGN)
async def test_another_sites_page_changes_nothing_even_with_the_token(studio: Studio, origin: str) -> None:
    ann = await studio.register("ann")
    for method, path, body in UNSAFE:
        headers = {"Origin": origin, "X-CSRF-Token": ann.csrf}
        assert await refused(ann, method, path, body, headers) == "foreign_origin"


async def test_a_browser_that_says_cross_site_is_refused_without_an_origin_too(studio: Studio) -> None:
    ann = await studio.register("ann")
    headers = {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": ann.csrf}
    assert await refused(ann, "POST", "/api/v1/generate", {"prompt": "x"}, headers) == "foreign_origin"


async def test_the_token_of_another_session_is_worth_nothing(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        headers = {"X-CSRF-Token": bob.csrf}
        assert await refused(ann, "POST", "/api/v1/generate", {"prompt": "x"}, headers) == "csrf_failed"


@pytest.mark.parametrize("origin", FOREIGN)
async def test_nobody_is_signed_in_from_another_site(studio: Studio, origin: str) -> None:
    """Login CSRF: a victim who works in the attacker's account."""
    await studio.register("ann")
    http = await studio.http()
    for path, body in (
        ("login", {"email": "ann@example.com", "password": PASSWORD}),
        ("register", {"email": "eve@example.com", "password": PASSWORD, "name": "Eve"}),
        ("refresh", None),
    ):
        answer = await http.post(f"/api/v1/auth/{path}", json=body, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert "set-cookie" not in answer.headers


async def test_no_other_site_may_read_an_answer(studio: Studio) -> None:
    ann = await studio.register("ann")
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = await ann.http.request(method, "/api/v1/users/me", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def expect_security_headers(answer: httpx.Response) -> None:
    where, headers = str(answer.request.url), answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["X-Frame-Options"] == "DENY", where
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert headers["Referrer-Policy"] == "same-origin", where
    assert "camera=()" in headers["Permissions-Policy"], where
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, where
    assert "frame-ancestors 'none'" in policy, where
    scripts = policy.partition("script-src")[2].partition(";")[0]
    assert "unsafe" not in scripts, where
    assert "Cache-Control" in headers, where
    assert headers["X-Trace-Id"], where


async def test_every_answer_has_the_security_headers(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await studio.drain()
    image = (await ann.status(job["job_id"]))["images"][0]
    routes = [(method_of(route), path_of(route, {})) for route in routes_of(_bare_app(None))]
    asked = [(method, path) for method, path in routes if not path.endswith("/logout")] + [
        ("GET", image["url"]),
        ("GET", image["thumbnail_url"]),
        ("GET", image["url"] + "x"),
        ("GET", f"/api/v1/images/{image['id']}/file"),
        ("GET", "/api/docs/assets/swagger-ui.css"),
        ("GET", "/api/docs/assets/nothing"),
        ("GET", "/api/openapi.json"),
        ("GET", "/nothing"),
        ("GET", "/api/v1/%2e%2e/%00"),
        ("PUT", "/api/v1/generate"),
        ("TRACE", "/api/v1/generate"),
        ("OPTIONS", "/api/v1/generate"),
    ]
    statuses = set()
    nobody = await studio.http()
    for method, path in asked:
        for http in (ann.http, nobody):
            headers = {"X-CSRF-Token": ann.csrf, "Connection": "close"}
            async with http.stream(method, path, headers=headers) as answer:
                expect_security_headers(answer)
                statuses.add(answer.status_code)
    large = await ann.post("/api/v1/generate", content=b"x" * 1_000_001)

    async def broken(_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(HealthService, "readiness", broken)
    failed = await ann.get("/readyz")
    assert "a secret" not in failed.text
    assert failed.json()["trace_id"] == failed.headers["X-Trace-Id"]
    for answer in (large, failed):
        expect_security_headers(answer)
        statuses.add(answer.status_code)
    assert statuses >= {200, 307, 401, 403, 404, 405, 413, 422, 500}


async def test_over_tls_browsers_are_told_to_stay_there(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(public_url="https://easel.example.com") as studio:
        answer = await (await studio.http()).get("/healthz")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


async def test_a_script_in_a_prompt_stays_text_wherever_it_goes(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate(SCRIPT)
    await studio.drain()
    status = await ann.get(f"/api/v1/status/{job['job_id']}")
    assert status.headers["Content-Type"] == "application/json"
    image = status.json()["images"][0]
    redirect = await ann.get(f"/api/v1/images/{image['id']}/file", params={"download": True})
    assert redirect.headers["Location"].startswith("/api/v1/files/")  # never somewhere else
    for url in (redirect.headers["Location"], image["url"]):
        file = await ann.get(url)
        assert file.headers["Content-Type"] == "image/png"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert "x-injected" not in file.headers
        assert not set(file.headers["Content-Disposition"]) & set("<>\r\n")
    assert file.headers["Content-Disposition"] == "inline"
    changed = image["url"].replace("image%2Fpng", "text%2Fhtml")
    assert changed != image["url"]
    assert (await ann.get(changed)).status_code == 403  # the type is signed with the rest


@pytest.mark.parametrize(
    "name",
    ['"; filename="evil.html', "a\r\nSet-Cookie: x=1", "../../etc/passwd", "\u202egnp.exe", "a/b\\c", "%0d%0aX: 1"],
)
def test_a_file_name_can_not_break_out_of_its_header(name: str) -> None:
    from app.integrations.storage.links import content_disposition

    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert header.startswith('attachment; filename="')
