"""Alembic from code: to head, and whether the models and the migrations agree."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

HERE = Path(__file__).parent


def make_config(database_url: str, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["database_url"] = database_url
    config.attributes["metadata"] = metadata
    return config


def upgrade_to_head(database_url: str, metadata: MetaData) -> None:
    command.upgrade(make_config(database_url, metadata), "head")


def check_drift(database_url: str, metadata: MetaData) -> None:
    """Raises when the models say something that no migration has made."""
    command.check(make_config(database_url, metadata))


def head_revision() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return ScriptDirectory.from_config(config).get_current_head()
