"""Keeps the studio's processes alive: starts them in stages, restarts one that dies, stops all in reverse."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.studio.processes import Program, cross_out, describe_exit, kill_group, log_tail, spawn, stop_leftover

POLL_SECONDS = 0.1
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A child that lived this long is healthy again: its next restart waits the first, short delay."""

Check = Callable[[], Awaitable[str | None]]
"""What is still missing, in words; None: ready."""
Report = Callable[[str], None]


class StartFailed(Exception):
    """A child ended, or was not ready in time, while the studio started. The message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Service:
    """A program that shall run as long as the studio does. Without `ready`, it is enough that it was started."""

    program: Program
    title: str
    ready: Check | None = None
    start_seconds: float = 60.0


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    watcher: asyncio.Task[None] | None = None


@dataclass(slots=True)
class _Stage:
    children: list[_Child] = field(default_factory=list)


class Supervisor:
    """Owns the child processes of one studio. `report` gets one sentence for each thing a person should know."""

    def __init__(self, home: Path, report: Report) -> None:
        self._home = home
        self._report = report
        self._stages: list[_Stage] = []
        self._hurry = False

    async def start(self, *services: Service) -> None:
        """Start these together and return when all are ready. They are stopped together, before earlier ones.

        Raises `StartFailed`; the caller then calls `stop`.
        """
        stage = _Stage()
        self._stages.append(stage)
        for service in services:
            name = service.program.name
            await asyncio.to_thread(stop_leftover, self._home, name, service.program.stop_signal)
            stage.children.append(_Child(service, spawn(service.program, self._home), time.monotonic()))
        await together(*(self._first_start(child) for child in stage.children))

    def pids(self) -> dict[str, int]:
        return {child.service.program.name: child.process.pid for stage in self._stages for child in stage.children}

    def hurry(self) -> None:
        """Do not wait for children any more: kill what still runs."""
        self._hurry = True

    async def stop(self) -> None:
        """Stop every child, the last started stage first. Nothing of them is left when this returns."""
        for stage in self._stages:
            for child in stage.children:
                if child.watcher is not None:
                    child.watcher.cancel()
        while self._stages:
            stage = self._stages.pop()
            await asyncio.gather(*(self._stop_child(child) for child in stage.children))

    async def _first_start(self, child: _Child) -> None:
        await self._until_ready(child)
        if child.service.ready is None:
            self._report(f"{child.service.title} started")
        else:
            self._report(f"{child.service.title} ready ({time.monotonic() - child.started:.1f} s)")
        child.watcher = asyncio.create_task(self._keep_alive(child))

    async def _until_ready(self, child: _Child) -> None:
        program, deadline = child.service.program, child.started + child.service.start_seconds
        while True:
            if child.process.poll() is not None:
                what = f"ended at its start ({describe_exit(child.process.returncode)})"
            elif child.service.ready is None or (missing := await child.service.ready()) is None:
                return
            elif time.monotonic() > deadline:
                what = f"was not ready within {child.service.start_seconds:.0f} s ({missing})"
            else:
                await asyncio.sleep(POLL_SECONDS)
                continue
            log = self._home / "logs" / f"{program.name}.log"
            raise StartFailed(f"{child.service.title} {what}. The end of {log}:\n{log_tail(self._home, program.name)}")

    async def _keep_alive(self, child: _Child) -> None:
        title, program = child.service.title, child.service.program
        delay = FIRST_DELAY_SECONDS
        while True:
            await _ended(child.process)
            kill_group(child.process.pid)  # its own children must not outlive it
            if time.monotonic() - child.started > STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            log = self._home / "logs" / f"{program.name}.log"
            self._report(
                f"{title} ended ({describe_exit(child.process.returncode)}); "
                f"starting it again in {delay:g} s (its log: {log})"
            )
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)
            child.process, child.started = spawn(program, self._home), time.monotonic()
            try:
                await self._until_ready(child)
            except StartFailed:
                child.process.kill()  # when it hangs; the loop reports it and tries again
            else:
                self._report(f"{title} is back")

    async def _stop_child(self, child: _Child) -> None:
        process, program = child.process, child.service.program
        if process.poll() is None:
            process.send_signal(program.stop_signal)
            deadline = time.monotonic() + program.stop_seconds
            while process.poll() is None:
                if self._hurry or time.monotonic() > deadline:
                    if not self._hurry:
                        self._report(f"{child.service.title} did not stop within {program.stop_seconds:g} s: killed")
                    kill_group(process.pid)
                    await _ended(process)
                    break
                await asyncio.sleep(0.02)
        kill_group(process.pid)
        cross_out(self._home, program.name)


async def together(*work: Coroutine[None, None, None]) -> None:
    """Run these side by side. The first failure cancels the rest and is raised as it is: it often caused the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in work:
                group.create_task(coroutine)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _ended(process: subprocess.Popen[bytes]) -> None:
    # Polled: it needs neither a thread per child nor a signal handler, and a tenth of a second is soon enough.
    while process.poll() is None:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
