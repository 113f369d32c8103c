"""Packages that only a comparison needs: exact versions, in a folder of their own, never in the project's locks."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.lib.rounds import tell

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"


def install(*packages: str, without_dependencies: bool = False) -> Path:
    """A folder for PYTHONPATH with these packages. Made once, and kept in `.cache/bench`."""
    target = place_of(packages)
    if not target.exists():
        fresh = fresh_place(target, packages)
        options = [
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "--target",
            str(fresh),
        ]
        if without_dependencies:
            options.append("--no-deps")
        subprocess.run([sys.executable, "-m", "pip", "install", *options, *packages], check=True)
        fresh.rename(target)
    return target


def install_npm(*packages: str) -> Path:
    """A `node_modules` with these packages, made and kept in the same way. Nothing that they bring is run by it."""
    target = place_of(packages)
    if not target.exists():
        fresh = fresh_place(target, packages)
        fresh.mkdir(parents=True)
        npm = shutil.which("npm") or "npm"
        options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([npm, "install", "--prefix", str(fresh), *options, *packages], check=True, stdout=sys.stderr)
        fresh.rename(target)
    return target / "node_modules"


def place_of(packages: tuple[str, ...]) -> Path:
    return CACHE / hashlib.sha256("\n".join(packages).encode()).hexdigest()[:12]


def fresh_place(target: Path, packages: tuple[str, ...]) -> Path:
    """Beside the target, so that a half-finished installation is never taken for a whole one."""
    tell(f"installing {', '.join(packages)}")
    fresh = target.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    return fresh
