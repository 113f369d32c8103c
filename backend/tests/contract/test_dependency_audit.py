"""`scripts/audit.py` finds what is known to be vulnerable or wrongly licensed, and says when it could not look."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.core.config import REPOSITORY_ROOT
from tests.support.tiny_server import serve_app

SCRIPT = Path(REPOSITORY_ROOT / "scripts" / "audit.py")


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


class Osv:
    """Answers as osv.dev documents `POST /v1/querybatch`: one result a query, in order."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        queries = json.loads(body)["queries"]
        self.asked += queries
        names = [query["package"]["name"] for query in queries]
        results = [{"vulns": [{"id": self.known[name]}]} if name in self.known else {} for name in names]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps({"results": results}).encode()})


def run(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={"EASEL_OSV_URL": url, "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


async def test_everything_that_is_locked_is_asked_for_and_what_is_known_is_told() -> None:
    import asyncio

    osv = Osv({"fastapi": "GHSA-xxxx", "next": "GHSA-yyyy"})
    async with serve_app(osv) as url:
        result = await asyncio.to_thread(run, url)
    assert result.returncode == 1, result.stdout
    assert "GHSA-xxxx" in result.stdout
    assert "GHSA-yyyy" in result.stdout
    asked = {(query["package"]["ecosystem"], query["package"]["name"]) for query in osv.asked}
    assert {("PyPI", "sqlalchemy"), ("PyPI", "uvicorn"), ("npm", "react"), ("npm", "@base-ui/react")} <= asked
    assert all(query["version"] for query in osv.asked)


@pytest.mark.parametrize(("environment", "code"), [({}, 0), ({"EASEL_AUDIT": "required"}, 1)])
def test_an_osv_that_is_away_is_said_and_fails_where_it_is_required(environment: dict[str, str], code: int) -> None:
    result = run("http://127.0.0.1:1", **environment)
    assert result.returncode == code, result.stdout
    assert "could not be asked" in result.stdout


@pytest.mark.parametrize(
    ("licence", "wanted"),
    [
        ("MIT", True),
        ("Apache-2.0", True),
        ("BSD-3-Clause", True),
        ("LGPL-3.0-or-later", True),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("SSPL-1.0", False),
    ],
)
def test_licences_are_told_apart(
    audit: ModuleType, licence: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "python_licence", lambda _: licence)
    found = list(audit.unwanted_licences([audit.Package("PyPI", "x", "1")]))
    assert (found == []) is wanted


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes(audit: ModuleType) -> None:
    command = (sys.executable, str(REPOSITORY_ROOT / "scripts" / "sbom.py"))
    bill = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {(each["name"], each["version"]) for each in bill["components"]}
    locked = [*audit.python_packages(), *audit.npm_packages()]
    assert named == {(each.name, each.version) for each in locked}
    assert len({each["bom-ref"] for each in bill["components"]}) == len(bill["components"]) > 100
    lengths = {"SHA-256": 64, "SHA-512": 128}
    for each in bill["components"]:
        assert each["purl"].startswith(("pkg:pypi/", "pkg:npm/")), each
        assert each["hashes"], each
        assert all(len(found["content"]) == lengths[found["alg"]] for found in each["hashes"])
