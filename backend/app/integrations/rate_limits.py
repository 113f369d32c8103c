"""Token buckets in Redis, shared by all API processes; in this process's memory while Redis is away."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from cachetools import LRUCache
from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.integrations.scripts import Script, ScriptLine

Result = TypeVar("Result")

log = get_logger(__name__)

REDIS_SECONDS = 1.0
"""A limit must not cost more than the work that it limits: after this long the process's own count decides."""
PAUSE_SECONDS = 5.0
"""So long a Redis that failed is not asked again."""
REMEMBERED_KEYS = 20_000
WINDOW_SECONDS = 60

# Each bucket in turn, until one is empty: {1 if it was, thousandths of tokens left}. What an empty one refuses, those
# after it do not count. A full bucket and one that nobody touched for two windows are the same.
_SPEND = Script("""
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local found = {}
for n, key in ipairs(KEYS) do
    local capacity = tonumber(ARGV[n])
    local tokens = capacity
    local bucket = redis.call('HMGET', key, 'tokens', 'at')
    if bucket[1] then
        tokens = math.min(capacity, bucket[1] + math.max(0, now - bucket[2]) * capacity / 60)
    end
    if tokens < 1 then
        found[n] = {1, math.floor(tokens * 1000)}
        break
    end
    redis.call('HSET', key, 'tokens', tokens - 1, 'at', now)
    redis.call('EXPIRE', key, 120)
    found[n] = {0, math.floor((tokens - 1) * 1000)}
end
return found
""")


class RedisOrMemory:
    """Asks Redis; when it fails or dawdles, asks memory, and leaves Redis alone for a while.

    In memory a limit is per process: with n processes n times as much passes. Nothing is refused for Redis's sake.
    """

    def __init__(self) -> None:
        self._pause_until = 0.0

    async def ask(self, redis: Callable[[], Awaitable[Result]], memory: Callable[[], Result]) -> Result:
        if time.monotonic() >= self._pause_until:
            try:
                return await redis()
            except RedisError as error:
                self._pause_until = time.monotonic() + PAUSE_SECONDS
                log.warning("limits_in_memory", error_type=type(error).__name__)
        return memory()


@dataclass(frozen=True, slots=True)
class Bucket:
    """It holds `per_minute` requests and is filled evenly."""

    name: str
    key: str
    per_minute: int


@dataclass(frozen=True, slots=True)
class Spent:
    """The bucket after a request. `retry_after`: seconds until one more fits, when this one did not."""

    limit: int
    remaining: int
    reset_after: int
    refused: bool
    retry_after: int


class RateLimiter:
    def __init__(self, scripts: ScriptLine, choice: RedisOrMemory) -> None:
        self._choice = choice
        self._scripts = scripts
        self._memory: LRUCache[str, tuple[float, float]] = LRUCache(REMEMBERED_KEYS)

    async def spend(self, *buckets: Bucket) -> dict[str, Spent]:
        """One request of each bucket in turn, by name; the first that refuses it is the last one in the answer."""
        found = await self._choice.ask(partial(self._spend_in_redis, buckets), partial(self._spend_in_memory, buckets))
        return {bucket.name: _spent(bucket, *state) for bucket, state in zip(buckets, found, strict=False)}

    async def _spend_in_redis(self, buckets: Sequence[Bucket]) -> list[tuple[bool, float]]:
        keys = [f"easel:rate:{bucket.name}:{bucket.key}" for bucket in buckets]
        sizes = [bucket.per_minute for bucket in buckets]
        answer = await self._scripts.run(_SPEND, keys, sizes, seconds=REDIS_SECONDS)
        return [(bool(refused), thousandths / 1000) for refused, thousandths in answer]

    def _spend_in_memory(self, buckets: Sequence[Bucket]) -> list[tuple[bool, float]]:
        now, found = time.monotonic(), []
        for bucket in buckets:
            key = f"{bucket.name}:{bucket.key}"
            tokens, at = self._memory.get(key, (float(bucket.per_minute), now))
            tokens = min(bucket.per_minute, tokens + (now - at) * bucket.per_minute / WINDOW_SECONDS)
            if tokens < 1:
                found.append((True, tokens))
                break
            self._memory[key] = (tokens - 1, now)
            found.append((False, tokens - 1))
        return found


def _spent(bucket: Bucket, refused: bool, tokens: float) -> Spent:
    seconds_a_token = WINDOW_SECONDS / bucket.per_minute
    return Spent(
        limit=bucket.per_minute,
        remaining=max(0, math.floor(tokens)),
        reset_after=max(0, round((bucket.per_minute - tokens) * seconds_a_token)),
        refused=refused,
        retry_after=max(1, math.ceil((1 - tokens) * seconds_a_token)),
    )
