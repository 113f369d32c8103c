"""One connection to Redis on which many commands are under way at once.

Commands that are asked in one turn of the event loop leave together at its end: to write one wakes the server, and that
costs more than all else about it (docs/adr/0031-a-link-of-our-own-to-redis.md). Answers come in the order of the
commands.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

Word = str | int | float | bytes
Command = Sequence[Word]

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
"""A server that leaves a command unanswered for so long counts as gone, with all that it was asked."""
AWAY_SECONDS = 0.5
"""So long a server that could not be reached is not tried again."""
IDLE_SECONDS = 30.0
"""A connection that was idle for longer is made anew: what is between may have forgotten it."""
MOST_UNDER_WAY = 10_000


def no_greeting() -> Sequence[Command]:
    return ()


def no_matter(_: RedisError) -> None:
    return


class RedisLink:
    """Connects when it is asked for the first time, and again after the connection broke.

    What was under way then fails: it may have been done or not. For commands that may be lost or done twice.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        greeting: Callable[[], Sequence[Command]] = no_greeting,
        when_refused: Callable[[RedisError], None] = no_matter,
    ) -> None:
        """To the server that `redis` is for, with its credentials. Each new connection begins with the `greeting`;
        `when_refused` hears of each command that Redis refused, before whoever asked it does."""
        self._address = redis.connection_pool.connection_kwargs
        self._secured = issubclass(redis.connection_pool.connection_class, SSLConnection)
        self._greeting = greeting
        self._when_refused = when_refused
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._away_until = 0.0

    def ask(self, *command: Word) -> asyncio.Future[Any]:
        """The answer to come; it may be dropped. It raises `RedisError`, of which a server that is away is one."""
        loop = asyncio.get_running_loop()
        connection = self._connection
        if connection is not None and connection.is_usable(loop.time()):
            return connection.ask(command)
        answer: asyncio.Future[Any] = loop.create_future()
        if self._connecting is None and loop.time() < self._away_until:
            _fail(answer, RedisConnectionError("Redis could not be reached moments ago."))
        elif len(self._waiting) >= MOST_UNDER_WAY:
            _fail(answer, RedisConnectionError("Too many commands wait for Redis."))
        else:
            self._waiting.append((command, answer))
            if self._connecting is None:
                self._connecting = loop.create_task(self._connect(), name="redis-link")
        return answer

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        self.drop()
        self._hand_over(_closed())

    def drop(self) -> None:
        """Close the connection, and fail what is under way on it."""
        if self._connection is not None:
            self._connection.abort(_closed())
            self._connection = None

    async def _connect(self) -> None:
        self.drop()
        failure: RedisError = _closed()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._connection = await self._open()
        except (OSError, TimeoutError, RedisError) as error:
            self._away_until = asyncio.get_running_loop().time() + AWAY_SECONDS
            failure = RedisConnectionError(f"Redis can't be reached ({type(error).__name__}).")
        finally:
            self._connecting = None
            self._hand_over(failure)

    def _hand_over(self, failure: RedisError) -> None:
        """What waited for a connection is sent on it, or fails where there is none."""
        waiting, self._waiting = self._waiting, []
        for command, answer in waiting:
            if self._connection is None:
                _fail(answer, failure)
            else:
                self._connection.ask(command, answer)

    async def _open(self) -> _Connection:
        connection = await self._dial()
        try:
            for command in self._credentials():
                await connection.ask(command)
        except BaseException:
            connection.abort(RedisConnectionError("Redis refused the connection."))
            raise
        for command in self._greeting():
            connection.ask(command)
        return connection

    async def _dial(self) -> _Connection:
        loop, address = asyncio.get_running_loop(), self._address
        new = partial(_Connection, self._when_refused)
        if "path" in address:
            return (await loop.create_unix_connection(new, address["path"]))[1]
        context: ssl.SSLContext | None = SSLConnection(**address).ssl_context.get() if self._secured else None
        host, port = address.get("host", "localhost"), address.get("port", 6379)
        return (await loop.create_connection(new, host, port, ssl=context))[1]

    def _credentials(self) -> Sequence[Command]:
        user, password, database = (self._address.get(name) for name in ("username", "password", "db"))
        login = [("AUTH", *([user] if user else []), password)] if password else []
        return [*login, *([("SELECT", database)] if database else [])]


class _Connection(asyncio.Protocol):
    """Its answers are resolved in the order in which they were asked for."""

    def __init__(self, when_refused: Callable[[RedisError], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._when_refused = when_refused
        self._unsent: list[bytes] = []
        self._reader = hiredis.Reader(protocolError=RedisConnectionError, replyError=_error_of)
        self._under_way: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._used_at = self._loop.time()

    def is_usable(self, now: float) -> bool:
        return self._transport is not None and (bool(self._under_way) or now - self._used_at <= IDLE_SECONDS)

    def ask(self, command: Command, answer: asyncio.Future[Any] | None = None) -> asyncio.Future[Any]:
        answer = answer or self._loop.create_future()
        if self._transport is None or len(self._under_way) >= MOST_UNDER_WAY:
            _fail(answer, RedisConnectionError("The connection to Redis is closed, or full."))
            return answer
        self._used_at = self._loop.time()
        self._under_way.append((answer, self._used_at))
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(hiredis.pack_command(tuple(command)))  # type: ignore[arg-type] # its stub says one word
        if self._watch is None:
            self._watch = self._loop.call_later(ANSWER_SECONDS, self._look)
        return answer

    def _send(self) -> None:
        if self._unsent and self._transport is not None:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    def abort(self, error: RedisError) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        if self._watch is not None:
            self._watch.cancel()
        while self._under_way:
            _fail(self._under_way.popleft()[0], error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is like one, and none

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while self._under_way and (found := self._reader.gets()) is not False:
                self._settle(self._under_way.popleft()[0], found)
        except RedisError as error:
            self.abort(error)

    def connection_lost(self, error: Exception | None) -> None:
        self.abort(RedisConnectionError(f"The connection to Redis broke ({type(error).__name__})."))

    def _settle(self, answer: asyncio.Future[Any], found: Any) -> None:
        if isinstance(found, RedisError):
            self._when_refused(found)
            _fail(answer, found)
        elif not answer.done():
            answer.set_result(found)

    def _look(self) -> None:
        """Now and then, rather than a timer for each command."""
        self._watch = None
        if not self._under_way:
            return
        left = self._under_way[0][1] + ANSWER_SECONDS - self._loop.time()
        if left <= 0:
            self.abort(RedisTimeoutError("Redis does not answer."))
        else:
            self._watch = self._loop.call_later(left, self._look)


def _fail(answer: asyncio.Future[Any], error: RedisError) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # seen: who dropped the answer wants to hear of no failure either


def _closed() -> RedisConnectionError:
    return RedisConnectionError("The connection to Redis was closed.")


def _error_of(text: str) -> RedisError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
