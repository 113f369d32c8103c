"""Whoever accepts a job gives the ring its turns of the loop: it is on its way before anything else is done."""

from __future__ import annotations

from typing import Any, cast

from redis.asyncio import Redis

from app.integrations.doorbell import Doorbell
from app.services.doors import RingFirst
from app.services.wake_ups import let_it_out


class SilentRedis:
    """Takes down when a pipeline was sent; somebody always listens."""

    def __init__(self) -> None:
        self.sent = 0

    def pipeline(self, *, transaction: bool) -> SilentRedis:
        assert not transaction
        return self

    def evalsha(self, *_: Any) -> None:
        return

    async def execute(self, *, raise_on_error: bool) -> list[int]:
        assert not raise_on_error
        self.sent += 1
        return [1]


class NoMessages:
    def wake(self, model_id: str) -> None:
        raise AssertionError(f"{model_id} was rung for")

    async def close(self) -> None:
        return


async def test_a_ring_is_sent_in_the_turns_that_it_is_given() -> None:
    redis = SilentRedis()
    wake_ups = RingFirst(Doorbell(cast("Redis", redis)), NoMessages())
    wake_ups.wake("plain")
    assert redis.sent == 0
    await let_it_out()
    assert redis.sent == 1
    await wake_ups.close()
