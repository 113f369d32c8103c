"""Scripts in Redis: told to it when it does not know them, and not waited for longer than it is worth."""

from __future__ import annotations

import time

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.integrations import rate_limits
from app.integrations.rate_limits import Bucket, RateLimiter, RedisOrMemory
from app.integrations.scripts import Script, ScriptLine
from tests.conftest import Servers

_SUM = Script("return ARGV[1] + ARGV[2]")
_BROKEN = Script("return redis.call('NOSUCH')")


async def test_a_redis_that_forgot_a_script_is_told_it_anew(servers: Servers) -> None:
    async with Redis.from_url(servers.redis_url) as redis:
        scripts = ScriptLine(redis)
        assert await scripts.run(_SUM, (), (1, 2)) == 3
        await redis.script_flush()
        assert await scripts.run(_SUM, (), (3, 4), seconds=5) == 7
        with pytest.raises(ResponseError):
            await scripts.run(_BROKEN, (), ())
        await scripts.close()


async def test_who_has_no_time_does_not_wait_for_a_redis_that_is_silent(
    silent: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "REDIS_SECONDS", 0.2)

    scripts, began = ScriptLine(silent), time.monotonic()
    with pytest.raises(RedisTimeoutError):
        await scripts.run(_SUM, (), (1, 2), seconds=0.2)
    limiter = RateLimiter(scripts, RedisOrMemory())
    for left in (1, 0):  # counted in memory, the second time without asking
        spent = await limiter.spend(Bucket("user", "ann", 2))
        assert (spent["user"].remaining, spent["user"].refused) == (left, False)
    assert time.monotonic() - began < 3
    await scripts.close()
