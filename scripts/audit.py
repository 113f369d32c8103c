"""`./easel test audit`: known vulnerabilities of what we ship, and licences that we can't live with.

Vulnerabilities come from OSV (osv.dev), which knows PyPI and npm: one question for everything that is locked. Where it
can't be reached this says so, and only fails when EASEL_AUDIT=required (CI with the Internet at hand). Licences are
read from what is installed, and need no network.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
OSV_URL = "https://api.osv.dev"
BATCH = 500
# Licences that ask more of those who use Easel than the Apache licence does, for code that runs in the service.
UNWANTED = re.compile(
    r"\b(AGPL|GPL(?:v\d)?(?!.*exception)|SSPL|BUSL|Commons[- ]Clause|non-?commercial)\b", re.IGNORECASE
)
# Read by a person: Lesser GPL code that is linked, not changed.
LESSER = re.compile(r"\bL(esser )?GPL", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Package:
    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.ecosystem})"


def main() -> int:
    packages = sorted({*python_packages(), *npm_packages()})
    licences = list(unwanted_licences(packages))
    required = os.environ.get("EASEL_AUDIT") == "required"
    try:
        found, asked = list(vulnerabilities(packages, os.environ.get("EASEL_OSV_URL", OSV_URL))), True
    except httpx.HTTPError as error:
        found, asked = [], False
        print(f"OSV could not be asked ({type(error).__name__}): nothing is known of vulnerabilities in this run.")
    for line in (*found, *licences):
        print(line)
    failed = len(found) + len(licences) + (1 if required and not asked else 0)
    told = f"{len(packages)} packages: licences read" + (", vulnerabilities looked up" if asked else "")
    print(f"{told}\n{0 if failed else 1} passed, {failed} failed")
    return 1 if failed else 0


def python_packages() -> Iterator[Package]:
    for line in (ROOT / "backend" / "requirements.lock").read_text().splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", line)
        if pin:
            yield Package("PyPI", pin[1].lower().replace("_", "-"), pin[2])


def npm_packages() -> Iterator[Package]:
    """Of the pages' lock, what a build is made of; what only tests need is left out."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    for path, entry in lock["packages"].items():
        if path and not entry.get("dev") and not entry.get("link"):
            yield Package("npm", path.rpartition("node_modules/")[2], entry["version"])


def vulnerabilities(packages: list[Package], url: str) -> Iterator[str]:
    """One sentence each. Raises `httpx.HTTPError` when OSV can't be asked or answers otherwise than it should."""
    with httpx.Client(base_url=url, timeout=30) as http:
        for start in range(0, len(packages), BATCH):
            batch = packages[start : start + BATCH]
            queries = [
                {"package": {"name": each.name, "ecosystem": each.ecosystem}, "version": each.version} for each in batch
            ]
            answer = http.post("/v1/querybatch", json={"queries": queries}).raise_for_status()
            results: list[dict[str, Any]] = answer.json()["results"]
            for package, result in zip(batch, results, strict=True):
                for known in result.get("vulns", ()):
                    yield f"VULNERABLE {package}: {known['id']}, see https://osv.dev/{known['id']}"


def unwanted_licences(packages: list[Package]) -> Iterator[str]:
    for package in packages:
        licence = python_licence(package.name) if package.ecosystem == "PyPI" else npm_licence(package.name)
        if licence and UNWANTED.search(licence) and not LESSER.search(licence) and not another_choice(licence):
            yield f"LICENCE {package}: {licence}"


def another_choice(licence: str) -> bool:
    """`MIT OR GPL-3.0`: ours to choose."""
    choices = licence.split(" OR ")
    return len(choices) > 1 and not all(UNWANTED.search(choice) for choice in choices)


def python_licence(name: str) -> str:
    try:
        about = importlib.metadata.metadata(name).json
    except importlib.metadata.PackageNotFoundError:  # for another system
        return ""
    classifiers = [str(each) for each in about.get("classifier", ())]
    told = " OR ".join(each.rpartition("::")[2].strip() for each in classifiers if each.startswith("License ::"))
    return str(about.get("license_expression") or told or about.get("license", "")).partition("\n")[0]


def npm_licence(name: str) -> str:
    try:
        about = json.loads((ROOT / "frontend" / "node_modules" / name / "package.json").read_text())
    except OSError:  # for another system
        return ""
    licence = about.get("license", "")
    return licence if isinstance(licence, str) else str(licence.get("type", ""))


if __name__ == "__main__":
    sys.exit(main())
