"""Bring the database's tables up to date before anything uses them, in a process of its own.

Importing what migrations need costs seconds, so for the embedded database a stamp beside its data remembers which
migrations it has. A database of the person's own is always asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys

from app.cli.studio.environment import BACKEND, child_environment
from app.cli.studio.processes import Program, log_tail, open_log
from app.cli.studio.supervisor import StartFailed
from app.core.config import REPOSITORY_ROOT, Settings


class Migrations:
    def __init__(self, settings: Settings, *, embedded: bool) -> None:
        self._settings = settings
        self._embedded = embedded
        # Inside the data folder: whoever removes or restores that has the right stamp with it.
        self._stamp = settings.home / "postgres" / "data" / "easel_migrations"

    def are_done(self) -> bool:
        try:
            return self._embedded and self._stamp.read_text() == _fingerprint()
        except OSError:
            return False

    async def run(self) -> None:
        """Raises `StartFailed` with the end of the log."""
        home = self._settings.home
        program = Program(
            "migrate",
            (sys.executable, "-m", "app.cli", "migrate"),
            env=child_environment(self._settings),
            cwd=REPOSITORY_ROOT,
        )
        with open_log(home, program.name) as log:
            process = await asyncio.create_subprocess_exec(*program.argv, **program.popen_arguments(log))
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if code != 0:
            raise StartFailed(
                f"the database could not be brought up to date (exit code {code}). "
                f"The end of {home / 'logs' / 'migrate.log'}:\n{log_tail(home, program.name)}"
            )
        if self._embedded:
            self._stamp.write_text(_fingerprint())


def _fingerprint() -> str:
    """Of every migration's text: a changed one, in development, counts as a new one."""
    total = hashlib.sha256()
    for path in sorted((BACKEND / "app" / "db" / "migrations" / "versions").glob("*.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()
