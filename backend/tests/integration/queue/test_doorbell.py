"""The bell wakes one worker at once; without a listener, or without Redis, the other kind of wake-up is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from app.integrations.doorbell import MOST_RINGS, PREFIX, Doorbell
from app.integrations.scripts import ScriptLine
from app.services.doors import RingFirst
from tests.conftest import Servers


class Messages:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def wake(self, model_id: str) -> None:
        self.sent.append(model_id)

    async def close(self) -> None:
        return


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.redis_url) as client:
        for key in await client.keys(f"{PREFIX}*"):
            await client.delete(key)
        yield client


@pytest.fixture
async def bell(redis: Redis) -> AsyncIterator[Doorbell]:
    async with open_bell(redis) as bell:
        yield bell


@asynccontextmanager
async def open_bell(redis: Redis) -> AsyncIterator[Doorbell]:
    scripts = ScriptLine(redis)
    bell = Doorbell(redis, scripts)
    yield bell
    await bell.close()
    await scripts.close()


async def _rung(wake_ups: RingFirst, *models: str) -> None:
    for model in models:
        wake_ups.wake(model)
    await wake_ups.close()


async def test_a_ring_is_heard_by_one_of_those_who_wait_and_needs_no_message(bell: Doorbell, redis: Redis) -> None:
    messages = Messages()
    async with open_bell(redis) as other:
        waiting = [asyncio.create_task(each.wait(["plain", "other"])) for each in (bell, other)]
        await asyncio.sleep(0.2)
        await _rung(RingFirst(bell, messages), "plain")
        assert sorted(await asyncio.gather(*waiting)) == [False, True]
    assert messages.sent == []


async def test_who_stops_waiting_takes_no_ring_along(bell: Doorbell, redis: Redis) -> None:
    gone = asyncio.create_task(bell.wait(["plain"]))
    await asyncio.sleep(0.2)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert await bell.ring("plain")
    assert await redis.llen(f"{PREFIX}plain") == 1
    assert await bell.wait(["plain"])


async def test_a_redis_that_forgot_its_scripts_is_told_them_anew(bell: Doorbell, redis: Redis) -> None:
    messages = Messages()
    waiting = asyncio.create_task(bell.wait(["plain"]))
    assert not await bell.ring("other")
    await redis.script_flush()
    await _rung(RingFirst(bell, messages), "plain")  # not heard, so the message is sent
    assert messages.sent == ["plain"]
    await _rung(RingFirst(bell, messages), "plain")
    assert await waiting
    assert messages.sent == ["plain"]


async def test_who_does_not_have_the_model_is_left_alone(bell: Doorbell) -> None:
    messages = Messages()
    waiting = asyncio.create_task(bell.wait(["other"]))
    await asyncio.sleep(0.2)
    await _rung(RingFirst(bell, messages), "plain")
    assert not await waiting
    assert messages.sent == ["plain"]


async def test_a_ring_that_came_while_nobody_waited_is_heard_later_and_a_flood_is_kept_short(
    bell: Doorbell, redis: Redis
) -> None:
    for _ in range(MOST_RINGS + 20):
        assert not await bell.ring("plain")
    assert await redis.llen(f"{PREFIX}plain") == MOST_RINGS
    assert await bell.wait(["plain"])


async def test_without_redis_the_message_is_sent_and_waiting_ends() -> None:
    async with Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.5) as nowhere:
        messages = Messages()
        async with open_bell(nowhere) as bell:
            await _rung(RingFirst(bell, messages), "plain")
            assert messages.sent == ["plain"]
            assert not await bell.wait(["plain"])
