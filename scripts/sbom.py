"""`.venv/bin/python scripts/sbom.py > easel.cdx.json`: every package that Easel ships, as CycloneDX 1.6.

It is made of the two locks, so it says what was hashed and pinned, whatever is installed here; licences are those of
the installed packages, and missing for another system's.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from audit import ROOT, Package, npm_licence, npm_packages, python_licence, python_packages

KINDS = {"PyPI": "pypi", "npm": "npm"}


def bill() -> dict[str, Any]:
    hashes = {**dict(python_hashes()), **dict(npm_hashes())}
    packages = sorted({*python_packages(), *npm_packages()})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "easel", "bom-ref": "easel"}},
        "components": [component(each, hashes.get(each, [])) for each in packages],
    }


def component(package: Package, hashes: list[dict[str, str]]) -> dict[str, Any]:
    purl = f"pkg:{KINDS[package.ecosystem]}/{quote(package.name, safe='/')}@{quote(package.version)}"
    licence = python_licence(package.name) if package.ecosystem == "PyPI" else npm_licence(package.name)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "hashes": hashes,
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
    }


def python_hashes() -> Iterator[tuple[Package, list[dict[str, str]]]]:
    """Of each file of a release that may be installed."""
    text = (ROOT / "backend" / "requirements.lock").read_text()
    for package in python_packages():
        pin = re.search(rf"^{re.escape(package.name)}(\[[^]]*])?==.*(\n .*)*", text, re.MULTILINE | re.IGNORECASE)
        found = re.findall(r"--hash=sha256:([0-9a-f]{64})", pin[0] if pin else "")
        yield package, [{"alg": "SHA-256", "content": each} for each in found]


def npm_hashes() -> Iterator[tuple[Package, list[dict[str, str]]]]:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    for path, entry in lock["packages"].items():
        algorithm, _, digest = entry.get("integrity", "").partition("-")
        if path and algorithm == "sha512":
            package = Package("npm", path.rpartition("node_modules/")[2], entry["version"])
            yield package, [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2)
    print()
