"""Token buckets in Redis, shared by all API processes; in this process's memory while Redis is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from throttled.asyncio import MemoryStore, Quota, RateLimiterType, RedisStore, RedisStoreBackend, Throttled, per_min
from throttled.exceptions import BaseThrottledError

from app.core.logging import get_logger

Result = TypeVar("Result")

log = get_logger(__name__)

REDIS_SECONDS = 1.0
"""A limit must not cost more than the work that it limits: after this long the process's own count decides."""
PAUSE_SECONDS = 5.0
"""So long a Redis that failed is not asked again."""
REMEMBERED_KEYS = 20_000


class RedisOrMemory:
    """Asks Redis; when it fails or dawdles, asks memory, and leaves Redis alone for a while.

    In memory a limit is per process: with n processes n times as much passes. Nothing is refused for Redis's sake.
    """

    def __init__(self) -> None:
        self._pause_until = 0.0

    async def ask(self, redis: Callable[[], Awaitable[Result]], memory: Callable[[], Awaitable[Result]]) -> Result:
        if time.monotonic() >= self._pause_until:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await redis()
            except (RedisError, BaseThrottledError, OSError, TimeoutError) as error:
                self._pause_until = time.monotonic() + PAUSE_SECONDS
                log.warning("limits_in_memory", error_type=type(error).__name__)
        return await memory()


@dataclass(frozen=True, slots=True)
class Spent:
    """The bucket after a request. `retry_after`: seconds until one more fits, when this one did not."""

    limit: int
    remaining: int
    reset_after: int
    refused: bool
    retry_after: int


class RateLimiter:
    """One bucket a key: it holds `per_minute` requests and is filled evenly."""

    def __init__(self, redis: Redis, choice: RedisOrMemory, *, name: str, per_minute: int) -> None:
        self._choice = choice
        self._name = name
        quota = per_min(per_minute, burst=per_minute)
        self._redis = _throttle(quota, _SharedRedisStore(options={"CLIENT": redis}))
        self._memory = _throttle(quota, MemoryStore(options={"MAX_SIZE": REMEMBERED_KEYS}))

    async def spend(self, key: str) -> Spent:
        name = f"easel:rate:{self._name}:{key}"
        result = await self._choice.ask(lambda: self._redis.limit(name), lambda: self._memory.limit(name))
        state = result.state
        return Spent(
            limit=state.limit,
            remaining=max(0, state.remaining),
            reset_after=max(0, round(state.reset_after)),
            refused=bool(result.limited),
            retry_after=max(1, round(state.retry_after)),
        )


def _throttle(quota: Quota, store: RedisStore | MemoryStore) -> Throttled:
    return Throttled(using=RateLimiterType.TOKEN_BUCKET.value, quota=quota, store=store)


class _SharedRedisBackend(RedisStoreBackend):
    """The library would open connections of its own, and close none."""

    def __init__(self, server: str | None = None, options: dict[str, Any] | None = None) -> None:
        super().__init__(server)
        self._client = (options or {})["CLIENT"]


class _SharedRedisStore(RedisStore):
    _BACKEND_CLASS = _SharedRedisBackend
