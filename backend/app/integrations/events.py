"""Events between processes, over Redis: a short stream per channel to resume from, and pub/sub to be woken by.

Each process holds one subscriber connection however many streams it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from app.core.enums import EventType
from app.core.logging import get_logger
from app.integrations.scripts import Script, ScriptLine

log = get_logger(__name__)

PREFIX = "easel:events:"
STREAM_LENGTH = 1000
STREAM_SECONDS = 24 * 3600
INBOX_SIZE = 512
MAX_ID_LENGTH = 40
IDLE_SECONDS = 0.05
RECONNECT_SECONDS = 0.5

# Adding to the stream and telling the listeners is one step, so that both see the events in one order.
_PUBLISH = Script("""
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 't', ARGV[2], 'd', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[1], cjson.encode({id, ARGV[2], ARGV[3]}))
return id
""")


class SlowReader(Exception):
    """The reader did not keep up; it reconnects and resumes from its last event."""


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is a Redis stream id, or empty when the event can't be resumed from; `data` is JSON."""

    id: str
    type: EventType
    data: str

    def follows(self, other_id: str) -> bool:
        return _order(self.id) > _order(other_id)


class Inbox:
    """One stream's queue: bounded, so that a slow reader costs a constant.

    With one deque instead of the four of an `asyncio.Queue`: of thousands of streams nearly all are empty.
    """

    def __init__(self) -> None:
        self._events: deque[Event | None] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._overflown = False

    def put(self, event: Event | None) -> None:
        if len(self._events) >= INBOX_SIZE:
            self._overflown = True
            return
        self._events.append(event)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Event | None:
        """The next event; None when events may have been missed. For one reader. Raises `SlowReader`."""
        if self._overflown:
            raise SlowReader
        while not self._events:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._events.popleft()


class EventBus:
    def __init__(self, redis: Redis, scripts: ScriptLine) -> None:
        self._redis = redis
        self._scripts = scripts
        self._inboxes: dict[str, set[Inbox]] = {}
        self._pubsub: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None

    async def publish(self, channel: str, kind: EventType, data: str) -> None:
        """Best effort: an event that Redis does not take is logged; state lives in PostgreSQL."""
        try:
            await self._scripts.run(_PUBLISH, [PREFIX + channel], [STREAM_LENGTH, kind.value, data, STREAM_SECONDS])
        except RedisError as error:
            log.warning("event_not_published", event_type=kind.value, reason=type(error).__name__)

    async def replay(self, channel: str, after: str) -> list[Event] | None:
        """What came after the given id; None when Redis can't say (away, wiped, or too long ago)."""
        if not _is_id(after):
            return None
        try:
            oldest = await self._entries(channel, "-", count=1)
            if not oldest or _order(oldest[0].id) > _order(after):
                return None
            return await self._entries(channel, f"({after}")
        except (RedisError, OSError):
            return None

    async def _entries(self, channel: str, start: str, count: int | None = None) -> list[Event]:
        entries: Any = await self._redis.xrange(PREFIX + channel, min=start, count=count)
        return [Event(_text(id_), EventType(_text(fields[b"t"])), _text(fields[b"d"])) for id_, fields in entries]

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Inbox]:
        """An inbox that receives the channel's events from now on."""
        inbox = Inbox()
        listeners = self._inboxes.setdefault(PREFIX + channel, set())
        listeners.add(inbox)
        await self._follow(PREFIX + channel)
        try:
            yield inbox
        finally:
            listeners.discard(inbox)
            if not listeners:
                self._inboxes.pop(PREFIX + channel, None)
                if self._pubsub is not None:
                    with contextlib.suppress(RedisError, OSError):
                        await self._pubsub.unsubscribe(PREFIX + channel)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._pubsub is not None:
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _follow(self, channel: str) -> None:
        if self._pubsub is None:
            self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        # When Redis is away this fails, and the reader subscribes again as soon as it is back.
        with contextlib.suppress(RedisError, OSError):
            await self._pubsub.subscribe(channel)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(self._pubsub), name="event-bus-reader")

    async def _read(self, pubsub: PubSub) -> None:
        while True:
            try:
                if not pubsub.subscribed:
                    await asyncio.sleep(IDLE_SECONDS)
                    continue
                message = await pubsub.get_message(timeout=None)
                if message is not None and message["type"] == "message":
                    self._deliver(_text(message["channel"]), message["data"])
            except (RedisError, OSError) as error:
                log.warning("event_bus_reconnecting", reason=type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
                await self._resubscribe(pubsub)

    async def _resubscribe(self, pubsub: PubSub) -> None:
        with contextlib.suppress(RedisError, OSError):
            if self._inboxes:
                await pubsub.subscribe(*self._inboxes)
            for inboxes in self._inboxes.values():
                for inbox in inboxes:
                    inbox.put(None)

    def _deliver(self, channel: str, raw: bytes) -> None:
        identifier, kind, data = orjson.loads(raw)
        event = Event(identifier, EventType(kind), data)
        for inbox in self._inboxes.get(channel, ()):
            inbox.put(event)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _is_id(value: str) -> bool:
    milliseconds, _, sequence = value.partition("-")
    return (
        len(value) <= MAX_ID_LENGTH
        and milliseconds.isascii()
        and milliseconds.isdigit()
        and sequence.isascii()
        and sequence.isdigit()
    )


def _order(identifier: str) -> tuple[int, int]:
    """Stream ids sort by number, not by letter."""
    milliseconds, _, sequence = identifier.partition("-")
    return int(milliseconds or 0), int(sequence or 0)
