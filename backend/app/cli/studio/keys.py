"""The generated passwords of the embedded servers: `home/keys/NAME`, mode 600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def local_key(home: Path, name: str) -> str:
    """The key of that name, made once."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        partial = folder / f".{name}.{os.getpid()}"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    return path.read_text().strip()


def prepare_home(home: Path) -> None:
    """Make the data folder. Others may pass through it (PostgreSQL may run as another user), not list it."""
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    for name in ("run", "logs", "keys", "files"):
        (home / name).mkdir(mode=0o700, exist_ok=True)
