"""Data folders of servers that live for one run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_home(purpose: str) -> Iterator[Path]:
    """A new folder, gone at the end. Others may pass through: PostgreSQL runs as another user where we are root."""
    home = Path(tempfile.mkdtemp(prefix=f"easel-{purpose}-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
