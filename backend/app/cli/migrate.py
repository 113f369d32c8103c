"""`./easel migrate`: bring the tables of EASEL_DATABASE_URL up to date."""

from __future__ import annotations

from app.cli.console import clear_errors, say
from app.cli.studio.environment import ENV_FILE
from app.core.config import load_settings


def migrate() -> None:
    """Bring the database's tables up to date. `up` does it by itself for the embedded one."""
    # Imported here: it takes a second that `up` and `generate` need not spend.
    from app.bootstrap.database import migrate as bring_up_to_date  # noqa: PLC0415

    with clear_errors():
        bring_up_to_date(load_settings(_env_file=ENV_FILE))
    say("the database is up to date")
