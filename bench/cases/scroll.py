"""Frame times, elements and memory while a browser scrolls through 10,000 images, in a studio of its own.

Also: the time from a job's end on the server to its picture on the screen. `frontend/scripts/scroll.mjs` does what the
browser does; the pages have to be built (`./easel setup`).
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

from bench.lib.gallery import ACCOUNT, fill, make_home, register
from bench.lib.rounds import tell
from bench.lib.tables import print_table

ROOT = Path(__file__).resolve().parents[2]
# The journey starts a studio and finds a browser as we need them; it is a script, and so imported by name.
journey: Any = importlib.import_module("scripts.journey")
IMAGES = int(os.environ.get("EASEL_BENCH_IMAGES", "10000"))


async def run(rounds: int) -> None:
    home = make_home()
    environment = {**os.environ, "EASEL_HOME": str(home / "home")}
    try:
        with journey.studio(environment) as facts:
            person = register(facts["url"])
            tell(f"filling the gallery with {IMAGES} images")
            await fill(home / "home", person, IMAGES)
            figures = [scroll(facts["url"]) for _ in range(max(1, min(rounds, 3)))]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    columns = (
        "scrolled",
        "frames",
        "median, ms",
        "95 %, ms",
        "worst, ms",
        "over 50 ms",
        "elements",
        "heap, MB",
    )
    names = ("images", "frames", "median", "p95", "worst", "slow", "elements", "heap")
    rows = [[figure[name] for name in names] for figure in figures]
    print_table(f"Scrolling a gallery of {IMAGES} images at 1440 x 900", columns, rows)
    shown = sorted(milliseconds for figure in figures for milliseconds in figure["shown"])
    print_table(
        "From a job's end on the server to its picture on the screen, ms",
        ("pictures", "least", "median", "most"),
        [[len(shown), shown[0], round(statistics.median(shown)), shown[-1]]],
    )


def scroll(url: str) -> dict[str, Any]:
    tell("scrolling")
    environment = {
        **os.environ,
        "EASEL_E2E_URL": url,
        "EASEL_CHROMIUM": journey.find_browser(),
        "EASEL_EMAIL": ACCOUNT["email"],
        "EASEL_PASSWORD": ACCOUNT["password"],
        "EASEL_IMAGES": str(IMAGES),
    }
    command = [shutil.which("node") or "node", "scripts/scroll.mjs"]
    result = subprocess.run(
        command, cwd=ROOT / "frontend", env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=1800
    )
    figures: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return figures
