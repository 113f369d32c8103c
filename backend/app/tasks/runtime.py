"""A Celery worker process's insides: one event loop, one database engine, one model engine, all made after the fork.

The loop runs in a thread of its own for as long as the process lives, so that heartbeats and the worker's card go on
while Celery waits for messages; a task hands its coroutine over and waits.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import uvloop

from app.core.errors import EaselError
from app.core.logging import get_logger

Result = TypeVar("Result")

log = get_logger(__name__)

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class SharedFlag:
    """Set in one process, seen in another. Made before the fork and shared by parent and child.

    A byte in shared memory rather than multiprocessing's Event, whose lock a child killed at the wrong moment keeps.
    """

    def __init__(self) -> None:
        self._byte = multiprocessing.get_context("fork").RawValue(ctypes.c_byte, 0)

    def set(self) -> None:
        self._byte.value = 1

    def is_set(self) -> bool:
        return bool(self._byte.value)


# The parent hears SIGTERM, the child holds the device.
stopping = SharedFlag()


class Runtime:
    """Runs one async context (`opener`) on a loop in a thread, and coroutines beside it."""

    def __init__(
        self, opener: Callable[[], AbstractAsyncContextManager[Any]], *, stop_seconds: float = STOP_SECONDS
    ) -> None:
        """Makes neither loop nor thread yet: this happens before the fork, and neither would survive it.

        `stop_seconds`: how long the context may take to close.
        """
        self._opener = opener
        self._stop_seconds = stop_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._done: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._value: Any = None

    def begin(self) -> None:
        """Start opening, and return at once."""
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="runtime", daemon=True)
        self._thread.start()

    def started(self) -> Any:
        """What the opener gave, waited for; opened now if it was not yet, and anew if it has ended.

        Raises what the opener raised.
        """
        if self._thread is None or not self._thread.is_alive():
            self.begin()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("The worker's parts did not open in time.")
        if self._failure is not None:
            raise self._failure
        return self._value

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        assert self._loop is not None, "started() comes first"
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run it beside whatever else runs, and do not wait for it."""
        assert self._loop is not None, "started() comes first"
        asyncio.run_coroutine_threadsafe(_logged(coroutine), self._loop)

    def stop(self) -> None:
        if self._loop is not None and self._done is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._done.set)
            self._thread.join(self._stop_seconds)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._live())
        except BaseException as error:
            self._failure = error
            log.critical("runtime_ended", exc_info=error)
        finally:
            self._ready.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        async with self._opener() as self._value:
            self._ready.set()
            await self._done.wait()


async def _logged(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        await coroutine
    except EaselError as error:
        log.warning("background_task_failed", code=error.code)
    except Exception as error:
        log.exception("background_task_crashed", error_type=type(error).__name__)


def worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


@asynccontextmanager
async def background(*coroutines: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """Run the coroutines beside the body, and cancel them at its end."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
