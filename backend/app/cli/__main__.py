"""`python -m app.cli`: the commands behind `./easel`."""

from __future__ import annotations

import typer

from app.cli.generate import generate
from app.cli.migrate import migrate
from app.cli.openapi import openapi
from app.cli.up import up

app = typer.Typer(
    name="easel",
    help="Easel, a text-to-image service that a team can own.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals may hold passwords
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(generate)
app.command()(migrate)
app.command()(openapi)

if __name__ == "__main__":
    app(prog_name="./easel")
