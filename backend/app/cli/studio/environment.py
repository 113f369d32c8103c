"""What the studio's children find in their environment, and the settings of which it is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from app.core.config import REPOSITORY_ROOT, Settings, load_settings

BACKEND = REPOSITORY_ROOT / "backend"
FRONTEND = REPOSITORY_ROOT / "frontend"
ENV_FILE = REPOSITORY_ROOT / ".env"


def read_settings() -> Settings:
    """The settings as the person gave them, before the embedded parts fill the rest. Raises `InvalidSettings`."""
    try:
        return Settings(_env_file=ENV_FILE)
    except ValidationError:
        load_settings(_env_file=ENV_FILE)  # raises InvalidSettings, which names every wrong variable
        raise


def child_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of a child: ours, and over it what the studio decided."""
    decided: Mapping[str, str] = {
        "EASEL_HOME": str(settings.home),
        "EASEL_PUBLIC_URL": settings.public_url,
        "EASEL_DATABASE_URL": settings.database_url,
        "EASEL_REDIS_URL": settings.redis_url,
        "EASEL_STORAGE_URL": settings.effective_storage_url,
        "EASEL_MODEL": ",".join(settings.model),
        "PYTHONPATH": str(BACKEND),
        "PYTHONUNBUFFERED": "1",
        "NEXT_TELEMETRY_DISABLED": "1",
    }
    return {**os.environ, **decided}


def absolute_model(source: str) -> str:
    """A path relative to where the person stands becomes absolute, since children stand elsewhere; a hub id stays."""
    path = Path(source).expanduser()
    return str(path.absolute()) if path.is_dir() or path.is_absolute() or source.startswith(".") else source
