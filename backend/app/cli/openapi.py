"""`./easel openapi`: the contract as the code says it, and whether the committed file agrees."""

from __future__ import annotations

import difflib
import importlib
import json
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import fail, say
from app.core.config import REPOSITORY_ROOT

COMMITTED = REPOSITORY_ROOT / "openapi.json"
SHOWN_LINES = 60


def openapi(
    check: Annotated[
        bool, typer.Option("--check", help="Fail when the committed file differs; write nothing.")
    ] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write it.")] = COMMITTED,
) -> None:
    """Write openapi.json from the code, or check that it is up to date."""
    # By name: the command line and the ASGI app are two ways in, beside each other, and share no import.
    document = importlib.import_module("app.main").create_openapi()
    current = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if not check:
        output.write_text(current, encoding="utf-8")
        say(f"wrote {output}")
        return
    committed = output.read_text(encoding="utf-8") if output.exists() else ""
    if committed != current:
        difference = difflib.unified_diff(
            committed.splitlines(), current.splitlines(), "committed", "from the code", lineterm="", n=1
        )
        print("\n".join(islice(difference, SHOWN_LINES)))
        raise fail(f"{output.name} is not what the code says. Run ./easel openapi, then npm run generate in frontend/")
    say(f"{output.name} matches the code")
