"""Work that takes the processor, done beside the event loop: in threads, or in processes of their own.

A thread that encodes a picture or writes a file holds the interpreter's lock in between, and gives it up and takes it
again some dozens of times. Where an event loop has to answer quickly meanwhile, both wait for each other: on two
processors each cost twice what it does alone (docs/adr/0033-pictures-are-kept-in-a-process-of-its-own.md).
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.integrations.side_process_child import LENGTH

Result = TypeVar("Result")

log = get_logger(__name__)

MOST_PROCESSES = 4
STOP_SECONDS = 5.0


class Aside(Protocol):
    """A place beside the event loop."""

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """What the function returns or raises. It and its arguments have to be picklable: it may run elsewhere.

        Raises `Unavailable` when that place was lost with it; whether it ran is unknown then.
        """
        ...


class Threads:
    """Of this process: for whoever has little to do aside."""

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.to_thread(function, *args)


class SideProcesses:
    """A few processes, each of which does one thing at a time. One that is lost is replaced."""

    def __init__(self, count: int, modules: Sequence[str]) -> None:
        """`modules` are imported at the start, so that the first function need not wait for it."""
        self._count = count
        self._modules = modules
        self._lines: list[_Line] = []
        self._changing = asyncio.Lock()

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        question = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        if len(self._lines) < self._count or not all(line.is_open for line in self._lines):
            await self.start()
        result: Result = await min(self._lines, key=lambda line: line.under_way).ask(question)
        return result

    async def start(self) -> None:
        """Start what is missing. Does not wait until it is ready to work."""
        async with self._changing:
            self._lines = [line for line in self._lines if line.is_open]
            while len(self._lines) < self._count:
                self._lines.append(await _Line.open(self._modules))

    async def close(self) -> None:
        """What is under way is finished, but for what takes too long."""
        async with self._changing:
            lines, self._lines = self._lines, []
            await asyncio.gather(*(line.close() for line in lines))


@asynccontextmanager
async def side_processes(modules: Sequence[str], count: int | None = None) -> AsyncIterator[SideProcesses]:
    """As many as the machine can spare, unless told."""
    processes = SideProcesses(count or max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) // 4)), modules)
    await processes.start()
    try:
        yield processes
    finally:
        await processes.close()


class _Line(asyncio.Protocol):
    """One child process. It answers in the order in which it is asked, and ends when the line does."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._transport: asyncio.Transport | None = None
        self._asked: deque[asyncio.Future[Any]] = deque()
        self._received = bytearray()
        self._ended = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, modules: Sequence[str]) -> _Line:
        ours, theirs = socket.socketpair()
        with theirs:
            # Neither asyncio's, which needs signals of the main thread, nor a shell: our own module.
            process = subprocess.Popen(  # noqa: S603, ASYNC220
                [sys.executable, "-P", "-m", f"{__name__}_child", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(each or str(Path.cwd()) for each in sys.path)},
                start_new_session=True,  # what stops us by the terminal must not stop it: it ends when we do
            )
        _, line = await asyncio.get_running_loop().create_connection(lambda: cls(process), sock=ours)
        return line

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def under_way(self) -> int:
        return len(self._asked)

    def ask(self, question: bytes) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            answer.set_exception(_lost())
            return answer
        self._asked.append(answer)
        self._transport.write(question)
        return answer

    async def close(self) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.gather(*self._asked, return_exceptions=True)
                if self._transport is not None:
                    self._transport.close()
                await asyncio.shield(self._ended)
                await asyncio.to_thread(self._process.wait)
        except TimeoutError:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # uvloop's is like one, and none

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                return
            good, found = pickle.loads(self._received[LENGTH.size : end])  # noqa: S301 (our own child's)
            del self._received[:end]
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_result(found) if good else answer.set_exception(found)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        if self._asked:
            log.error("side_process_lost", under_way=len(self._asked), exit_code=self._process.poll())
        while self._asked:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(_lost())
        if not self._ended.done():
            self._ended.set_result(None)


def _lost() -> Unavailable:
    return Unavailable("The process that encodes and writes pictures has ended. It is started again.")
