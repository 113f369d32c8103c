"""Folders and processes for the launcher's tests: everything here is a real process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.homes import temporary_home


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that other users may pass through, as an ordinary clone's is (pytest's own folders are closed)."""
    with temporary_home("test") as folder:
        yield folder / "home"


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with Easel, and must be alive at the end."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()
