"""How commands speak: results on stdout, everything else on stderr; errors as one sentence that says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from app.cli.studio.caddy import CaddyMissing
from app.cli.studio.identity import NoIdentity
from app.cli.studio.ports import PortTaken, free_port, is_free
from app.cli.studio.postgres import PostgresFailed
from app.cli.studio.redis import RedisFailed
from app.cli.studio.state import StudioRunning
from app.cli.studio.supervisor import StartFailed
from app.core.errors import EaselError, InvalidSettings


def say(message: str) -> None:
    """A line of progress."""
    print(message, file=sys.stderr, flush=True)


def fail(message: str, code: int = 1) -> typer.Exit:
    """Use as ``raise fail(…)``."""
    style = typer.style("error: ", fg="red", bold=True) if sys.stderr.isatty() else "error: "
    typer.echo(style + message, err=True)
    return typer.Exit(code)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what a person can mend into one message and an exit code. Anything else is a bug and keeps its traceback."""
    try:
        yield
    except InvalidSettings as error:
        raise fail(f"these settings are wrong:\n{_indented(str(error))}") from error
    except PortTaken as error:
        raise fail(f"{error}; stop that, or choose another one: --port {_suggestion(error)}") from error
    except StudioRunning as error:
        raise fail(f"{error}. Another data folder (EASEL_HOME) can have a studio of its own") from error
    except (StartFailed, PostgresFailed, RedisFailed, NoIdentity, CaddyMissing) as error:
        raise fail(str(error)) from error
    except EaselError as error:
        raise fail(error.detail) from error


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _suggestion(error: PortTaken) -> int:
    return next((port for port in range(error.port + 1, error.port + 50) if is_free(port, error.host)), free_port())
