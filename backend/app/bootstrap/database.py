"""The database's schema: brought up to date, and held against the models."""

from __future__ import annotations

from app.core.config import Settings
from app.db.base import Base
from app.db.migrations import runner


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema. Safe to call from several processes at once."""
    runner.upgrade_to_head(settings.effective_database_owner_url, Base.metadata)


def check_drift(settings: Settings) -> None:
    """Raises when the models say something that no migration has made."""
    runner.check_drift(settings.effective_database_owner_url, Base.metadata)
