"""`./easel up`: a studio that runs until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from typing import Annotated

import typer

from app.cli.console import clear_errors, say
from app.cli.studio.caddy import is_loopback
from app.cli.studio.ports import LOOPBACK
from app.cli.studio.state import StudioState
from app.cli.studio.studio import Studio, StudioOptions

SIGN_IN_FIRST = "open the page and create the first account; it becomes the owner"
SIGN_IN = "open the page and sign in with your account"


def up(
    port: Annotated[int, typer.Option(help="The one port that browsers and programs use.", min=1, max=65535)] = 3000,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for other machines.")] = LOOPBACK,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages, or the API alone.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready, for programs.")] = False,
) -> None:
    """Start the studio: database, queue, API, worker and pages on one port. Ctrl-C stops all of it."""
    if not is_loopback(host):
        say(
            f"warning: listening on {host}: everyone who reaches this machine reaches the studio, and passwords travel "
            "unencrypted unless a proxy adds HTTPS. Set EASEL_PUBLIC_URL to the address that browsers use: signing in "
            "works there only"
        )
    with clear_errors():
        asyncio.run(_run(StudioOptions(host=host, port=port, pages=web), as_json=as_json))


async def _run(options: StudioOptions, *, as_json: bool) -> None:
    began = time.monotonic()
    studio = Studio(options, lambda sentence: say(f"  {sentence}"))
    asked_to_stop = _on_signals(studio)
    starting = asyncio.create_task(studio.start())
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return
        state = starting.result()
        await _announce(studio, state, time.monotonic() - began, as_json=as_json)
        await stopping
    finally:
        if asked_to_stop.is_set():
            say("stopping (Ctrl-C again to stop at once) …")
        stopping.cancel()
        await studio.stop()
    say("stopped")


def _on_signals(studio: Studio) -> asyncio.Event:
    """The first signal asks to stop, the second not to wait for anything."""
    asked = asyncio.Event()

    def handle() -> None:
        if asked.is_set():
            studio.hurry()
        asked.set()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, handle)
    return asked


async def _announce(studio: Studio, state: StudioState, seconds: float, *, as_json: bool) -> None:
    first_run = await studio.is_first_run()
    sign_in = SIGN_IN_FIRST if first_run else SIGN_IN
    docs_url = f"{state.url}/api/docs"
    if as_json:
        facts = {
            "url": state.url,
            "api_url": state.api_url,
            "docs_url": docs_url,
            "home": str(studio.home),
            "pid": state.pid,
            "first_run": first_run,
            "sign_in": sign_in,
        }
        print(json.dumps(facts), flush=True)
        return
    lines = [
        "",
        f"Easel is ready at {typer.style(state.url, bold=True)}  (started in {seconds:.1f} s)",
        f"  sign in:   {sign_in}",
        f"  API docs:  {docs_url}",
        f"  data:      {studio.home}",
        f"  logs:      {studio.home / 'logs'}",
        "  stop:      Ctrl-C",
    ]
    typer.echo("\n".join(lines))  # drops the bold where nobody sees it
