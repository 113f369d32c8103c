"""`./easel screens`: a picture of every screen, taken in a real studio, for docs/screens.

Desktop and phone, dark and light, as small WebP files, and the page that shows them. `frontend/scripts/screens.mjs`
does what the browser does. With names (`./easel screens gallery lightbox`) only those are taken anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from journey import ROOT, JourneyFailed, find_browser, studio
from PIL import Image

FOLDER = ROOT / "docs" / "screens"
LIST = FOLDER / "screens.json"
LOOKS = (("desktop", 560), ("phone", 170))
SCHEMES = ("dark", "light")
QUALITY = 82
LARGEST_FOLDER_MB = 6.0
MINUTES = 40


def main(names: list[str]) -> int:
    home = Path(tempfile.mkdtemp(prefix="easel-screens-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    environment = {**os.environ, "EASEL_HOME": str(home / "home")}
    try:
        with studio(environment) as facts:
            taken = take(facts["url"], home / "taken", names)
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in sorted((home / "taken").glob("*.png")):
            shrink(path)
    except JourneyFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    screens = remember(taken, whole=not names)
    (FOLDER / "README.md").write_text(page(screens))
    megabytes = sum(path.stat().st_size for path in FOLDER.iterdir()) / 1e6
    print(f"{len(screens)} screens, {megabytes:.1f} MB in {FOLDER.relative_to(ROOT)}")
    if megabytes > LARGEST_FOLDER_MB:
        print(f"error: the folder may have {LARGEST_FOLDER_MB:g} MB; lower QUALITY or take fewer", file=sys.stderr)
        return 1
    return 0


def take(url: str, folder: Path, names: list[str]) -> list[dict[str, str]]:
    environment = {
        **os.environ,
        "EASEL_E2E_URL": url,
        "EASEL_CHROMIUM": find_browser(),
        "EASEL_SCREENS_FOLDER": str(folder),
        "EASEL_SCREENS_ONLY": ",".join(names),
    }
    command = [shutil.which("node") or "node", "scripts/screens.mjs"]
    process = subprocess.run(
        command,
        cwd=ROOT / "frontend",
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=MINUTES * 60,
    )
    if process.returncode != 0:
        raise JourneyFailed(f"the browser stopped after: {process.stdout.strip().splitlines()[-1:]}; see above for why")
    taken: list[dict[str, str]] = json.loads(process.stdout.strip().splitlines()[-1])
    return taken


def shrink(path: Path) -> None:
    with Image.open(path) as image:
        image.convert("RGB").save(FOLDER / f"{path.stem}.webp", quality=QUALITY, method=6)


def remember(taken: list[dict[str, str]], *, whole: bool) -> list[dict[str, str]]:
    """Which screens there are, in their order; a run of some of them keeps the others."""
    before: list[dict[str, Any]] = [] if whole or not LIST.exists() else json.loads(LIST.read_text())
    known = {screen["name"] for screen in before}
    screens = [*before, *(screen for screen in taken if screen["name"] not in known)]
    LIST.write_text(json.dumps(screens, indent=2) + "\n")
    return screens


def page(screens: list[dict[str, str]]) -> str:
    """A table a screen: both sizes, dark beside light."""
    lines = ["# The screens", "", "Taken by `./easel screens` in a studio with the model that comes with it.", ""]
    for screen in screens:
        lines += [f"## {screen['title']}", "", "| dark | light |", "| --- | --- |"]
        for size, width in LOOKS:
            cells = [
                f'<img src="{screen["name"]}-{size}-{scheme}.webp" width="{width}"'
                f' alt="{screen["title"]}: {size}, {scheme}">'
                for scheme in SCHEMES
            ]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
