"""Live events: each once, in order, resumable."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent, aconnect_sse
from redis.asyncio import Redis

from app.api.v1 import events as events_route
from app.core.enums import EventType, Scope
from app.core.ids import new_id
from app.core.security import Principal
from app.integrations.events import INBOX_SIZE
from app.services.announcements import job_channel
from tests.support.people import make_organization
from tests.support.studio import Browser, Studio


class Stream:
    def __init__(self, events: AsyncIterator[ServerSentEvent]) -> None:
        self._events = events

    async def next(self) -> ServerSentEvent:
        async with asyncio.timeout(5):
            while not (event := await anext(self._events)).data:  # only `retry:`; browsers pass it over too
                pass
            return event

    async def until(self, *kinds: str) -> list[ServerSentEvent]:
        seen = [await self.next()]
        while seen[-1].event not in kinds:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def listening(studio: Studio, browser: Browser, last: str | None = None) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": last} if last else {}
    async with (
        httpx.AsyncClient(base_url=studio.url, cookies=browser.http.cookies, timeout=10) as http,
        aconnect_sse(http, "GET", "/api/v1/events", headers=headers) as source,
    ):
        assert source.response.status_code == 200
        yield Stream(source.aiter_sse())


def data_of(event: ServerSentEvent) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.data)
    return data


async def test_a_job_is_told_from_queued_to_completed_with_previews(studio: Studio) -> None:
    ann = await studio.register("ann")
    async with listening(studio, ann) as stream:
        job = await ann.generate("a heart", steps=20)
        await studio.drain()
        events = await stream.until("job.completed")
    kinds = [event.event for event in events]
    assert kinds[:2] == ["job.queued", "job.started"]
    assert set(kinds[2:-1]) == {"job.progress"}
    assert all(data_of(event)["job_id"] == job["job_id"] for event in events)
    progress = [data_of(event) for event in events if event.event == "job.progress"]
    assert [each["progress"] for each in progress] == sorted(each["progress"] for each in progress)
    assert progress[-1]["preview"].startswith("data:image/webp;base64,")
    assert progress[-1]["job"] is None
    done = data_of(events[-1])
    assert done["status"] == "COMPLETED"
    assert done["job"]["images"][0]["url"]
    assert len({event.id for event in events}) == len(events)


async def test_others_hear_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    async with listening(studio, ann) as stream:
        me = (await ann.get("/api/v1/users/me")).json()
        for channel in (f"{me['organization']['id']}:{new_id()}", f"{new_id()}:{me['user']['id']}"):
            await studio.parts.bus.publish(channel, EventType.JOB_FAILED, "{}")
        await ann.generate()
        assert (await stream.next()).event == "job.queued"


async def test_a_cut_stream_resumes_without_a_hole(studio: Studio) -> None:
    ann = await studio.register("ann")
    async with listening(studio, ann) as stream:
        await ann.generate("first")
        last = (await stream.next()).id
    await studio.drain()
    second = await ann.generate("second")
    async with listening(studio, ann, last) as stream:
        events = await stream.until("job.queued")
        assert [event.event for event in events if event.event != "job.progress"] == [
            "job.started",
            "job.completed",
            "job.queued",
        ]
        assert data_of(events[-1])["job_id"] == second["job_id"]
        await studio.drain()
        assert (await stream.until("job.completed"))[-1].event == "job.completed"


async def test_when_redis_forgot_the_database_tells_how_things_stand(studio: Studio) -> None:
    ann = await studio.register("ann")
    async with listening(studio, ann) as stream:
        job = await ann.generate()
        last = (await stream.next()).id
    await studio.drain()
    redis = Redis.from_url(studio.settings.redis_url)
    await redis.flushall()
    await redis.aclose()
    async with listening(studio, ann, last) as stream:
        event = await stream.next()
    assert event.event == "job.completed"
    assert data_of(event)["job_id"] == job["job_id"]
    assert data_of(event)["job"]["images"]


async def test_a_forged_last_event_id_is_answered_with_the_state(studio: Studio) -> None:
    ann = await studio.register("ann")
    await ann.generate()
    for forged in ("x", "9" * 50, "1-1; DROP", "99999999999999-0"):
        async with listening(studio, ann, forged) as stream:
            if forged == "99999999999999-0":
                continue  # from the future: nothing came after it
            assert (await stream.next()).event == "job.queued"


async def test_many_streams_share_one_redis_connection(studio: Studio) -> None:
    ann = await studio.register("ann")
    redis = Redis.from_url(studio.settings.redis_url)

    async def subscribers() -> int:
        clients = await redis.client_list()
        return sum(int(client["sub"]) > 0 for client in clients)

    streams = [listening(studio, ann) for _ in range(5)]
    opened = [await stream.__aenter__() for stream in streams]
    assert await subscribers() == 1
    await ann.generate()
    assert [(await stream.next()).event for stream in opened] == ["job.queued"] * 5
    for stream in reversed(streams):
        await stream.__aexit__(None, None, None)
    await redis.aclose()


async def test_a_slow_reader_is_dropped_and_resumes_where_it_was(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    principal = Principal(owner.user_id, owner.organization_id, owner.role, frozenset(Scope), session_id=new_id())
    channel, bus = job_channel(owner.organization_id, owner.user_id), studio.parts.bus

    async def publish(numbers: range) -> None:
        for number in numbers:
            await bus.publish(channel, EventType.JOB_PROGRESS, str(number))

    reading = studio.services.events.stream(principal, None)
    first = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0.1)  # it listens
    await publish(range(1))
    event = await first
    await publish(range(1, INBOX_SIZE + 100))  # and nobody reads
    await asyncio.sleep(0.5)
    assert [each async for each in reading] == []  # the stream ended instead of keeping them all
    assert event is not None
    again = studio.services.events.stream(principal, event.id)
    missed = [await anext(again) for _ in range(INBOX_SIZE + 99)]
    assert [each.data for each in missed if each is not None] == [str(n) for n in range(1, INBOX_SIZE + 100)]
    await again.aclose()


async def test_a_reader_that_stops_reading_is_dropped(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_route, "PATIENCE_SECONDS", 0.5)
    ann = await studio.register("ann")
    me = (await ann.get("/api/v1/users/me")).json()
    channel = f"{me['organization']['id']}:{me['user']['id']}"
    server = studio.url.removeprefix("http://").split(":")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in ann.http.cookies.jar)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(reader, (server[0], int(server[1])))
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: {server[0]}\r\nCookie: {cookies}\r\n\r\n"
        await loop.sock_sendall(reader, request.encode())
        assert (await loop.sock_recv(reader, 12)).endswith(b"200")
        api = studio.services.events._bus
        assert api._inboxes
        # More than the sockets and the stream's own buffer hold; and it reads nothing of it.
        filler = json.dumps({"filler": "x" * 8192})
        await asyncio.gather(
            *(studio.parts.bus.publish(channel, EventType.JOB_FAILED, filler) for _ in range(3 * INBOX_SIZE))
        )
        async with asyncio.timeout(30):
            while api._inboxes:  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.05)
