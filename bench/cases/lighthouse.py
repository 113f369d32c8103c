"""Lighthouse's four scores and the layout's shifts of each page, in a studio of its own, against their budgets.

The budgets are asserted by Lighthouse's own tool (`lhci assert`) on the median of at least three runs, with the
desktop preset; one that doesn't hold ends the command with 1. The pages have to be built (`./easel setup`). What a page
loads of JavaScript at first has its own check, `npm run weight`; here scripts are for orientation.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.lib.gallery import ACCOUNT, fill, make_home, register
from bench.lib.rounds import tell
from bench.lib.tables import print_table
from bench.lib.throwaway import install_npm

ROOT = Path(__file__).resolve().parents[2]
# The journey starts a studio and finds a browser as we need them; it is a script, and so imported by name.
journey: Any = importlib.import_module("scripts.journey")
# Brings Lighthouse 12.6.1; later ones want a newer Node than the pages do.
LIGHTHOUSE_CI = "@lhci/cli@0.15.1"
IMAGES = int(os.environ.get("EASEL_BENCH_IMAGES", "1000"))
LEAST_ROUNDS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SHIFT = "cumulative-layout-shift"


@dataclass(frozen=True)
class Budget:
    """The least score of each category, in per cent, and the most that the layout may shift."""

    performance: int = 95
    accessibility: int = 100
    best_practices: int = 100
    seo: int = 0
    shift: float = 0


# Search engines are sent away from all but the front door, which is what Lighthouse's search score is about.
BUDGETS = {
    "/register": Budget(),
    "/login": Budget(performance=100, seo=100),
    "/": Budget(),
    "/gallery": Budget(),
    "/generate": Budget(),
    "/settings": Budget(),
    "/admin": Budget(),
}


async def run(rounds: int) -> None:
    packages = install_npm(LIGHTHOUSE_CI)
    home = make_home()
    reports = home / ".lighthouseci"
    reports.mkdir()
    environment = {**os.environ, "EASEL_HOME": str(home / "home")}
    rounds = max(LEAST_ROUNDS, min(rounds, LEAST_ROUNDS + 2))
    try:
        with journey.studio(environment) as facts:
            look = Looker(facts["url"], packages, reports, rounds)
            look.at("/register")  # as the first visitor sees it
            person = register(facts["url"])
            tell(f"filling the gallery with {IMAGES} images")
            await fill(home / "home", person, IMAGES)
            look.at("/login")
            look.at(*(path for path in BUDGETS if path not in {"/register", "/login"}), signed_in=True)
        kept = asserted(packages, home)
        print_figures(reports, rounds)
        if folder := os.environ.get("EASEL_BENCH_REPORTS"):
            shutil.copytree(reports, folder, dirs_exist_ok=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if not kept:
        sys.exit(1)


@dataclass(frozen=True)
class Looker:
    url: str
    packages: Path
    reports: Path
    rounds: int

    def at(self, *paths: str, signed_in: bool = False) -> None:
        """Raises `CalledProcessError` when a page could not be judged at all."""
        account = {"EASEL_EMAIL": ACCOUNT["email"], "EASEL_PASSWORD": ACCOUNT["password"]} if signed_in else {}
        environment = {
            **os.environ,
            **account,
            "EASEL_E2E_URL": self.url,
            "EASEL_CHROMIUM": journey.find_browser(),
            "EASEL_LIGHTHOUSE": str(self.packages),
            "EASEL_REPORTS": str(self.reports),
            "EASEL_ROUNDS": str(self.rounds),
        }
        command = [shutil.which("node") or "node", "scripts/lighthouse.mjs", *paths]
        subprocess.run(command, cwd=ROOT / "frontend", env=environment, check=True, timeout=1800)


def asserted(packages: Path, home: Path) -> bool:
    """Whether `lhci assert` found every budget kept; it says on stderr which was not."""
    configuration = home / "budgets.json"
    rules = [rules_for(path, budget) for path, budget in BUDGETS.items()]
    configuration.write_text(json.dumps({"ci": {"assert": {"assertMatrix": rules}}}))
    command = [str(packages / ".bin" / "lhci"), "assert", f"--config={configuration}"]
    return subprocess.run(command, cwd=home, stdout=sys.stderr, check=False, timeout=300).returncode == 0


def rules_for(path: str, budget: Budget) -> dict[str, Any]:
    least = {
        "performance": budget.performance,
        "accessibility": budget.accessibility,
        "best-practices": budget.best_practices,
        "seo": budget.seo,
    }
    median = {"aggregationMethod": "median"}
    scores = {
        f"categories:{category}": ["error", {"minScore": score / 100, **median}] for category, score in least.items()
    }
    shifts = {SHIFT: ["error", {"maxNumericValue": budget.shift, **median}]}
    return {"matchingUrlPattern": f"^https?://[^/]+{path}$", "assertions": {**scores, **shifts}}


def print_figures(reports: Path, rounds: int) -> None:
    found: dict[str, list[dict[str, Any]]] = {path: [] for path in BUDGETS}
    for file in reports.glob("lhr-*.json"):
        report = json.loads(file.read_text())
        found["/" + report["finalDisplayedUrl"].split("/", 3)[3]].append(report)
    rows = [row(path, found[path]) for path in BUDGETS]
    columns = ("page", *CATEGORIES, "shift", "largest paint, ms", "blocked, ms", "scripts, kB", "verdict")
    title = f"Lighthouse, desktop preset, medians of {rounds} runs, a gallery of {IMAGES} images"
    print_table(title, columns, rows, *faults(found))


def row(path: str, reports: list[dict[str, Any]]) -> list[object]:
    scores = [
        round(100 * statistics.median(each["categories"][name]["score"] for each in reports)) for name in CATEGORIES
    ]
    shift = value_of(reports, SHIFT)
    weight = statistics.median(script_bytes(each) for each in reports) / 1000
    budget = BUDGETS[path]
    least = (budget.performance, budget.accessibility, budget.best_practices, budget.seo)
    kept = all(score >= bound for score, bound in zip(scores, least, strict=True)) and shift <= budget.shift
    times = (value_of(reports, "largest-contentful-paint"), value_of(reports, "total-blocking-time"))
    return [path, *scores, shift, *(round(time) for time in times), round(weight), "kept" if kept else "NOT KEPT"]


def value_of(reports: list[dict[str, Any]], audit: str) -> float:
    return float(statistics.median(each["audits"][audit]["numericValue"] for each in reports))


def script_bytes(report: dict[str, Any]) -> int:
    """As sent, with what came after the first paint."""
    requests = report["audits"]["network-requests"]["details"]["items"]
    return sum(request["transferSize"] for request in requests if request.get("resourceType") == "Script")


def faults(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What cost a page points in a category that it has a budget for and that is not about speed, one a line."""
    lines = []
    for path, reports in found.items():
        names = CATEGORIES[1:] if BUDGETS[path].seo else CATEGORIES[1:-1]
        judged = {ref["id"] for name in names for ref in counted(reports[-1], name)}
        failed = sorted(audit for audit in judged if reports[-1]["audits"][audit]["score"] == 0)
        if failed:
            lines.append(f"{path}: {', '.join(failed)}")
    return lines


def counted(report: dict[str, Any], category: str) -> list[dict[str, Any]]:
    return [ref for ref in report["categories"][category]["auditRefs"] if ref["weight"] > 0]
