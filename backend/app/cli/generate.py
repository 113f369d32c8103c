"""`./easel generate "a blue heart" -o heart.png`: one job from the command line, with or without a running studio."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from app.cli.client import CannotConnect, EaselClient, Job, Refused
from app.cli.console import clear_errors, fail, say
from app.cli.image_files import check_writable, names_for, write_whole
from app.cli.studio.environment import ENV_FILE, read_settings
from app.cli.studio.state import StudioLock, StudioRunning, StudioState, running_studio
from app.cli.studio.studio import Studio, StudioOptions
from app.core.config import Settings, load_settings

EXIT_FAILED = 1
EXIT_REFUSED = 2
EXIT_UNREACHABLE = 3
EXIT_UNAUTHORISED = 4
EXIT_CANCELED = 130
BUSY_SECONDS = 600.0

OutputOption = Annotated[Path, typer.Option("-o", "--output", help="The file to write; several become name-1.png …")]


@dataclass(frozen=True, slots=True)
class Target:
    """A server to talk to, and how."""

    url: str
    token: str | None


def generate(  # noqa: PLR0917  (each parameter is an option of the command)
    prompt: Annotated[str, typer.Argument(help='What to draw, such as "a blue heart".')],
    output: OutputOption = Path("easel.png"),
    model: Annotated[str | None, typer.Option(help="The model's id; the default one if not given.")] = None,
    width: Annotated[int | None, typer.Option(help="In pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="In pixels.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps: more are slower and finer.")] = None,
    guidance: Annotated[float | None, typer.Option(help="How closely to follow the prompt.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same image.")] = None,
    count: Annotated[int, typer.Option(help="How many images.", min=1)] = 1,
    negative: Annotated[str | None, typer.Option(help="What to keep out of the image.")] = None,
    server: Annotated[str | None, typer.Option(help="Address of another Easel; it needs a token.")] = None,
    token: Annotated[
        str | None, typer.Option(envvar="EASEL_TOKEN", help="Access token or API key.", show_envvar=True)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON at the end, for programs.")] = False,
) -> None:
    """Generate images and save them.

    Uses the studio that runs on this data folder, or --server; when neither is there, starts what it needs and stops
    it again. Exit codes: 1 failed, 2 refused (a wrong value), 3 no server, 4 not signed in, 130 canceled.
    """
    request = {
        "prompt": prompt,
        "negative_prompt": negative,
        "model": model,
        "width": width,
        "height": height,
        "steps": steps,
        "guidance": guidance,
        "seed": seed,
        "num_images": count,
    }
    if problem := check_writable(output):
        raise fail(problem, EXIT_REFUSED)
    with clear_errors():
        asyncio.run(_run(request, output, server, token, as_json=as_json))


async def _run(request: dict[str, Any], output: Path, server: str | None, token: str | None, *, as_json: bool) -> None:
    work = asyncio.create_task(_generate(request, output, server, token))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    try:
        result = await work
    except asyncio.CancelledError:
        raise fail("canceled", EXIT_CANCELED) from None
    except CannotConnect as error:
        raise fail(f"{error}; is the address right, and does it run?", EXIT_UNREACHABLE) from error
    except Refused as refusal:
        code = EXIT_UNAUTHORISED if refusal.status in {401, 403} else EXIT_REFUSED
        hint = " (the token comes from --token or EASEL_TOKEN)" if code == EXIT_UNAUTHORISED else ""
        raise fail(f"{refusal}{hint}", code) from refusal
    if as_json:
        print(json.dumps(result), flush=True)
    else:
        for image in result["images"]:
            print(f"{image['path']}  (seed {image['seed']}, {image['width']}×{image['height']})")


async def _generate(request: dict[str, Any], output: Path, server: str | None, token: str | None) -> dict[str, Any]:
    began = time.monotonic()
    async with _target(server, token) as target, EaselClient(target.url, target.token) as client:
        job = await client.submit(request)
        try:
            job = await _watch(client, job)
        except asyncio.CancelledError:
            with contextlib.suppress(CannotConnect, Refused):
                await client.cancel(job.id)
            raise
        if job.status != "COMPLETED":
            raise fail(job.error or f"the job ended as {job.status}", EXIT_FAILED)
        images = await _save(client, job, output)
    return {"job_id": job.id, "status": job.status, "images": images, "seconds": round(time.monotonic() - began, 2)}


async def _watch(client: EaselClient, job: Job) -> Job:
    """Show the job's progress until it is final."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("queued", total=1.0)
        async for current in client.follow(job):
            job = current
            bar.update(task, completed=1.0 if job.is_final else job.progress, description=_description(job))
    return job


def _description(job: Job) -> str:
    if job.status == "QUEUED":
        return "queued" if not job.queue_position else f"queued, number {job.queue_position}"
    left = "" if job.eta_seconds is None or job.is_final else f", {job.eta_seconds:.0f} s left"
    return f"{job.status.lower()}{left}"


async def _save(client: EaselClient, job: Job, output: Path) -> list[dict[str, Any]]:
    """All images are fetched before the first is written: a set is replaced whole."""
    contents = await asyncio.gather(*(client.fetch(str(image["url"])) for image in job.images))
    saved = []
    for path, content, image in zip(names_for(output, len(contents)), contents, job.images, strict=True):
        try:
            write_whole(path, content)
        except OSError as error:
            raise fail(f"{path} can't be written: {error.strerror}; the image stays in the gallery") from error
        saved.append({"path": str(path), **{key: image.get(key) for key in ("id", "seed", "width", "height")}})
    return saved


@contextlib.asynccontextmanager
async def _target(server: str | None, token: str | None) -> AsyncIterator[Target]:
    """The server that was named, the studio that runs here, or one of our own for as long as it takes."""
    if server is not None:
        yield Target(server if "://" in server else f"http://{server}", token)
        return
    settings = read_settings()
    # Its import takes seconds of one core: begun now, it is done by the time a studio has started.
    importing = asyncio.create_task(asyncio.to_thread(importlib.import_module, "app.bootstrap.services"))
    state = await _lasting_studio(settings.home)
    if state is not None:
        await importing
        yield Target(state.url, token or await _operator_token(settings, state))
        return
    say("no studio is running here: starting what this needs (./easel up keeps it running)")
    studio = Studio(StudioOptions(proxy=False), lambda sentence: say(f"  {sentence}"))
    try:
        state = await studio.start()
        await importing
        yield Target(state.url, token or await _operator_token(settings, state))
    finally:
        await asyncio.shield(studio.stop())


async def _lasting_studio(home: Path) -> StudioState | None:
    """The studio that runs on this data folder, or None. Waits for one that starts, and for another `generate`."""
    deadline, told = time.monotonic() + BUSY_SECONDS, False
    while (home / "run" / "studio.lock").exists():
        state = running_studio(home)
        if state is not None and state.stays:
            return state
        try:
            with StudioLock(home):
                return None
        except StudioRunning:
            if time.monotonic() > deadline:
                raise
        if not told:
            say("another command is starting or using the studio of this data folder: waiting for it")
            told = True
        await asyncio.sleep(0.3)
    return None


async def _operator_token(settings: Settings, state: StudioState) -> str:
    """Whoever can read the data folder's secret key is the studio's operator, and needs no password here."""
    from app.bootstrap.services import local_access_token  # noqa: PLC0415  (seconds that --server need not spend)

    whole = load_settings(
        _env_file=ENV_FILE,
        home=settings.home,
        public_url=state.url,
        database_url=state.database_url,
        redis_url=state.redis_url,
        storage_url=state.storage_url,
        model=state.models,
    )
    return await local_access_token(whole)
