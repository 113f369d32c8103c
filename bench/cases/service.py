"""The whole service against the bare pipeline loop, BentoML and LitServe on the same weights; and users' batches.

Every contender draws with the same weights, steps, sampler and threads. The bare loop, BentoML and LitServe call the
stock pipeline of diffusers. Easel is all of it: a request over HTTP, the fair queue in a PostgreSQL that syncs, a
worker, encoding and storing, the event of the end, and the picture fetched over HTTP by whoever asked for it. It runs
three times: on torch with a picture a pass, so that nothing but the service differs from the others; on torch with
batches; and as it ships, with batches and compiled. Every prompt is new.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from app.core.enums import EventType
from bench.cases.model import assemble
from bench.lib import http, throwaway
from bench.lib.rounds import Comparison, Measure, interleave
from bench.lib.servers import Person, Servers, open_servers
from bench.lib.tables import print_table, verdict
from tests.support.s3_server import free_port

STEPS = 6
BARE, BENTO, LIT = "bare loop", "BentoML", "LitServe"
PLAIN, BATCHED, SHIPPED = (
    "Easel on torch, one a pass",
    "Easel on torch",
    "Easel as it ships",
)
WORKERS = {
    PLAIN: {"EASEL_CPU_RUNTIME": "torch", "EASEL_BATCH_IMAGES": "1"},
    BATCHED: {"EASEL_CPU_RUNTIME": "torch"},
    SHIPPED: {},
}
# Threads that wait for one another sleep, as Easel's do: one who spins takes the processor from the rest.
FAIR = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(os.cpu_count())}
ALONE, QUEUED, CROWD = 8, 16, 24
"""Images a turn: one user, one after another; `USERS`, each one after another; and `EVERYBODY` at once."""
USERS, EVERYBODY, A_PASS = 4, 8, 8
MAX_TIMES_BARE, LEAST_SECONDS = 1.05, 0.12
MIN_GAIN, MIN_OF_CEILING = 1.5, 0.97
START_SECONDS = 180.0
PNG = b"\x89PNG"

Ask = Callable[[str, int], Awaitable[bytes]]
NUMBERS = itertools.count()


async def ask_visitor(line: http.Line, prompt: str, _: int) -> bytes:
    """Of a server that answers with the picture."""
    return await line.ask(http.post("/generate", orjson.dumps({"prompt": prompt}), ""), 200)


@dataclass
class Member:
    """Somebody at Easel, with a connection for requests and an open stream of events."""

    person: Person
    model: str
    line: http.Line
    ends: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def ask(self, prompt: str, seed: int) -> bytes:
        body = {"prompt": prompt, "seed": seed, "steps": STEPS, "model": self.model}
        accepted = await self.line.ask(http.post("/api/v1/generate", orjson.dumps(body), self.person.token), 202)
        job_id = orjson.loads(accepted)["job_id"]
        async with asyncio.timeout(START_SECONDS):
            job = await self._end_of(job_id)
        del self.ends[job_id]
        if job["status"] != "COMPLETED":
            raise http.Refused(f"a job ended as {job['status']}: {job['error']}")
        return await self.line.ask(http.get(job["images"][0]["url"], self.person.token), 200)

    async def listen(self, stream: asyncio.StreamReader) -> None:
        ended = {f"event: {kind.value}" for kind in (EventType.JOB_COMPLETED, EventType.JOB_FAILED)}
        kind = ""
        while line := (await stream.readline()).decode():
            if line.startswith("event: "):
                kind = line.strip()
            elif line.startswith("data: ") and kind in ended:
                job = orjson.loads(line.removeprefix("data: "))["job"]
                self._end_of(job["job_id"]).set_result(job)

    def _end_of(self, job_id: str) -> asyncio.Future[dict[str, Any]]:
        """The event may be here before the answer to the request."""
        return self.ends.setdefault(job_id, asyncio.get_running_loop().create_future())


class BareLoop:
    """The pipeline in a process of its own, one call after another."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None, "a pipe was asked for"
        assert process.stdout is not None, "a pipe was asked for"
        self._input, self._output = process.stdin, process.stdout

    async def is_ready(self) -> None:
        while (line := await self._output.readline()) != b"ready\n":
            if not line:
                raise http.Refused("the bare loop did not start")

    async def turn(self, images: int, at_once: int) -> float:
        """Seconds an image."""
        self._input.write(f"{images} {at_once}\n".encode())
        return float(await self._output.readline()) / images


async def run(rounds: int) -> None:
    bento, lit = (
        throwaway.install("bentoml==1.4.40"),
        throwaway.install("litserve==0.2.19"),
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = assemble(Path(scratch) / "model")
        models = {name: copy_as(folder, f"easel-{number}") for number, name in enumerate(WORKERS)}
        async with AsyncExitStack() as stack:
            model = ",".join(map(str, models.values()))
            bench = await stack.enter_async_context(open_servers(model=model, log_level="WARNING"))
            stock = {"BENCH_MODEL": str(folder), "BENCH_STEPS": str(STEPS), **FAIR}
            loop = await stack.enter_async_context(bare_loop(bench, stock))
            rivals = {
                BENTO: await bentoml(bench, stack, stock | {"PYTHONPATH": str(bento)}),
                LIT: await litserve(bench, stack, stock | {"PYTHONPATH": str(lit)}),
            }
            members = await easel(bench, stack, models)
            rounds = max(5, rounds)
            service = rivals | members
            alone = await compare(loop, ALONE, {name: asks[:1] for name, asks in service.items()}, rounds)
            show_service("One user, one picture after another", alone)
            queued = await compare(loop, QUEUED, {name: asks[:USERS] for name, asks in service.items()}, rounds)
            show_service(f"{USERS} users, each one picture after another", queued)
            crowd: dict[str, Measure] = {
                BARE: partial(loop.turn, CROWD, 1),
                f"bare loop, {A_PASS} a pass": partial(loop.turn, CROWD, A_PASS),
                **{name: partial(all_at_once, members[name], CROWD) for name in (BATCHED, SHIPPED)},
            }
            show_batches(await interleave(crowd, rounds=rounds))


async def compare(loop: BareLoop, images: int, askers: dict[str, list[Ask]], rounds: int) -> Comparison:
    turns: dict[str, Measure] = {BARE: partial(loop.turn, images, 1)}
    turns |= {name: partial(one_after_another, asks, images) for name, asks in askers.items()}
    return await interleave(turns, rounds=rounds)


async def one_after_another(asks: Sequence[Ask], images: int) -> float:
    """Seconds an image, with each asker waiting for a picture before it asks for the next."""

    async def one_user(ask: Ask) -> None:
        for _ in range(images // len(asks)):
            await draw(ask)

    return await timed([one_user(ask) for ask in asks], images)


async def all_at_once(asks: Sequence[Ask], images: int) -> float:
    return await timed([draw(ask) for ask in itertools.islice(itertools.cycle(asks), images)], images)


async def timed(work: list[Any], images: int) -> float:
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*work)
    return (asyncio.get_running_loop().time() - began) / images


async def draw(ask: Ask) -> None:
    number = next(NUMBERS)
    picture = await ask(f"a red rocket, number {number}", number)
    if not picture.startswith(PNG):
        raise http.Refused("what was answered is no picture")


def show_service(title: str, found: Comparison) -> None:
    rows = []
    for name in found.samples:
        ratio, (low, high) = found.ratio(name, BARE), found.spread(name, BARE)
        promise = ""
        if name == PLAIN:
            rival = min((BENTO, LIT), key=found.median)
            behind = found.ratio(PLAIN, rival)
            promise = f"{verdict(ratio, MAX_TIMES_BARE)}; {behind:.3f} × {rival}, {verdict(behind, 1.0)}"
        rows.append(
            (
                name,
                found.median(name) * 1000,
                f"{ratio:.3f}",
                f"{low:.3f} to {high:.3f}",
                promise,
            )
        )
    columns = ("service", "ms an image", "× bare loop", "quartiles", "promise")
    enough = verdict(found.median(BARE), LEAST_SECONDS, at_most=False)
    print_table(
        title,
        columns,
        rows,
        f"An image of the bare loop takes long enough: {enough} s.",
    )


def show_batches(found: Comparison) -> None:
    ceiling = min((name for name in found.samples if name.startswith(BARE)), key=found.median)
    pays = found.ratio(BARE, ceiling) >= MIN_GAIN
    rows = []
    for name in found.samples:
        gain, share = found.ratio(BARE, name), found.ratio(ceiling, name)
        low, high = found.spread(BARE, name)
        promise = verdict(gain, MIN_GAIN, at_most=False) if pays else verdict(share, MIN_OF_CEILING, at_most=False)
        rows.append(
            (
                name,
                1 / found.median(name),
                f"{gain:.3f}",
                f"{low:.3f} to {high:.3f}",
                f"{share:.3f}",
                promise if name in WORKERS else "",
            )
        )
    columns = (
        "batches",
        "images/s",
        "× bare loop",
        "quartiles",
        "of the ceiling",
        "promise",
    )
    print_table(
        f"{EVERYBODY} users' {CROWD} single pictures at once",
        columns,
        rows,
        f"The ceiling: {ceiling}.",
    )


def copy_as(folder: Path, model_id: str) -> Path:
    """The same model under another name, so that a worker of its own makes it."""
    copy = folder.with_name(model_id)
    copy.mkdir()
    for entry in folder.iterdir():
        if entry.name != "easel.json":
            (copy / entry.name).symlink_to(entry)
    card = json.loads((folder / "easel.json").read_text())
    (copy / "easel.json").write_text(json.dumps(card | {"id": model_id}))
    return copy


@asynccontextmanager
async def bare_loop(bench: Servers, variables: dict[str, str]) -> AsyncIterator[BareLoop]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.contenders.stock"),
        env=bench.environment(**variables),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        loop = BareLoop(process)
        await loop.is_ready()
        yield loop
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def bentoml(bench: Servers, stack: AsyncExitStack, variables: dict[str, str]) -> list[Ask]:
    port = free_port()
    command = (
        "-m",
        "bentoml",
        "serve",
        "bench.contenders.bento:Pictures",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    )
    own = {"BENTOML_HOME": str(bench.home / "bentoml"), "BENTOML_DO_NOT_TRACK": "True"}
    child = stack.enter_context(bench.start("bentoml", *command, **variables, **own))
    await http.until_it_is_ready(child.process, port, child.log, "/readyz")
    return visitors(port, stack)


async def litserve(bench: Servers, stack: AsyncExitStack, variables: dict[str, str]) -> list[Ask]:
    port = free_port()
    child = stack.enter_context(bench.start("litserve", "-m", "bench.contenders.lit", str(port), **variables))
    await http.until_it_is_ready(child.process, port, child.log, "/health")
    return visitors(port, stack)


def visitors(port: int, stack: AsyncExitStack) -> list[Ask]:
    lines = [http.Line(port) for _ in range(USERS)]
    for line in lines:
        stack.callback(line.close)
    return [partial(ask_visitor, line) for line in lines]


async def easel(bench: Servers, stack: AsyncExitStack, models: dict[str, Path]) -> dict[str, list[Ask]]:
    """The same eight people for each worker; ready once each worker has made a picture."""
    _, port = await stack.enter_async_context(bench.api())
    stack.enter_context(bench.upkeep())
    people, asks = (
        await bench.people(EVERYBODY, organizations=EVERYBODY),
        dict[str, list[Ask]](),
    )
    for name, variables in WORKERS.items():
        folder = models[name]
        worker = {**FAIR, **variables, "EASEL_MODEL": str(folder)}
        stack.enter_context(bench.real_worker(folder.name, **worker))
        asks[name] = [await member(person, port, folder.name, stack) for person in people]
        await draw(asks[name][0])
    return asks


async def member(person: Person, port: int, model: str, stack: AsyncExitStack) -> Ask:
    someone = Member(person, model, http.Line(port))
    stream, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(http.get("/api/v1/events", person.token))
    head = await stream.readuntil(b": connected\n\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise http.Refused(head.decode(errors="replace"))
    for each in (someone.line, writer):
        stack.callback(each.close)
    listening = asyncio.create_task(someone.listen(stream))
    stack.callback(listening.cancel)
    return someone.ask
