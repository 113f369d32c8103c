"""Connections of the driver's own, for transactions that are too short for SQLAlchemy's (docs/adr/0010-hot-path.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from asyncpg import Connection

IDLE_SECONDS = 30.0
"""A connection that was idle for longer is made anew: what is between may have forgotten it."""
WAIT_SECONDS = 10.0
"""So long somebody waits for a connection while all are taken."""


class DriverPool:
    """At most `size` connections, made when they are needed. The one used last is the next one: its server process has
    planned what it is asked, and is in the caches.

    Giving back waits for nothing. asyncpg's own pool makes a task and sets a timer for it, which costs a tenth of the
    transaction and a turn of the loop before its caller goes on.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size: int) -> None:
        self._connect = connect
        self._slots = asyncio.Semaphore(size)
        self._free: list[tuple[Connection, float]] = []

    async def take(self) -> Connection:
        """For `give_back`, whatever comes. Raises `TimeoutError`, and what the driver raises."""
        await self._take_slot()
        try:
            return self._find_free() or await self._connect()
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """It is in no transaction, or closed."""
        if not connection.is_closed():
            self._free.append((connection, monotonic()))
        self._slots.release()

    def close(self) -> None:
        while self._free:
            self._free.pop()[0].terminate()

    async def _take_slot(self) -> None:
        if self._slots.locked():
            async with asyncio.timeout(WAIT_SECONDS):
                await self._slots.acquire()
        else:
            await self._slots.acquire()

    def _find_free(self) -> Connection | None:
        while self._free:
            connection, since = self._free.pop()
            if not connection.is_closed() and monotonic() - since <= IDLE_SECONDS:
                return connection
            connection.terminate()
        return None
