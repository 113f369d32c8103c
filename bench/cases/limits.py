"""A request's two limits, with their figures: Easel's one script against kept libraries, on one Redis."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from redis.asyncio import Redis

from app.bootstrap.parts import make_redis
from app.cli.studio.redis import EmbeddedRedis
from app.integrations.rate_limits import Bucket, RateLimiter, RedisOrMemory
from app.integrations.scripts import ScriptLine
from bench.lib import throwaway
from bench.lib.rounds import Comparison, Measure, Stopwatch, interleave
from bench.lib.tables import print_table
from tests.support.homes import temporary_home

EASEL, LIMITS, THROTTLED = "Easel: token buckets", "limits: sliding windows", "throttled-py: token buckets"
TRIPS = {EASEL: 1, LIMITS: 4, THROTTLED: 2}
"""Round trips to Redis for one request, which spends of its user's and its organisation's and tells what is left."""
REQUESTS, AT_ONCE, PEOPLE = 2000, 16, 50
A_USER, AN_ORGANIZATION = 1_000_000, 10_000_000

Spend = Callable[[str], Awaitable[Any]]


async def run(rounds: int) -> None:
    sys.path[:0] = [str(throwaway.install("limits==5.8.0")), str(throwaway.install("throttled-py==3.5.0"))]
    async with AsyncExitStack() as stack:
        home = stack.enter_context(temporary_home("bench"))
        url = stack.enter_context(EmbeddedRedis(home)).url
        redis = await stack.enter_async_context(make_redis(url))
        spenders = {EASEL: of_easel(redis), LIMITS: of_limits(url), THROTTLED: of_throttled(url)}
        cpu: dict[str, list[float]] = {name: [] for name in spenders}
        turns: dict[str, Measure] = {name: partial(turn, spend, cpu[name]) for name, spend in spenders.items()}
        wall = await interleave(turns, rounds=max(5, rounds))
    counted = Comparison({name: figures[-len(wall.samples[EASEL]) :] for name, figures in cpu.items()})
    rows = []
    for name in spenders:
        low, high = wall.spread(name, EASEL)
        ratios = (wall.ratio(name, EASEL), f"{low:.2f} to {high:.2f}", counted.ratio(name, EASEL))
        rows.append((name, TRIPS[name], wall.median(name) * 1e6, *ratios))
    columns = ("limits of user and organisation", "round trips", "µs a request", "× Easel", "quartiles", "× its CPU")
    print_table(f"{REQUESTS} requests a turn, {AT_ONCE} at a time, one process", columns, rows)


async def turn(spend: Spend, cpu: list[float]) -> float:
    """Seconds a request."""
    numbers = iter(range(REQUESTS))

    async def one_after_another() -> None:
        for number in numbers:
            await spend(f"user-{number % PEOPLE}")

    with Stopwatch() as watch:
        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    cpu.append(watch.cpu / REQUESTS)
    return watch.wall / REQUESTS


def of_easel(redis: Redis) -> Spend:
    limiter = RateLimiter(ScriptLine(redis), RedisOrMemory())

    async def spend(user: str) -> Any:
        return await limiter.spend(Bucket("user", f"o:{user}", A_USER), Bucket("organization", "o", AN_ORGANIZATION))

    return spend


def of_limits(url: str) -> Spend:
    items, storages, strategies = (
        importlib.import_module(name) for name in ("limits", "limits.aio.storage", "limits.aio.strategies")
    )
    storage = storages.RedisStorage(url.replace("redis://", "async+redis://"), implementation="redispy")
    limiter = strategies.SlidingWindowCounterRateLimiter(storage)
    of_user, of_organization = items.RateLimitItemPerMinute(A_USER), items.RateLimitItemPerMinute(AN_ORGANIZATION)

    async def spend(user: str) -> Any:
        within = await limiter.hit(of_user, "user", user) and await limiter.hit(of_organization, "organization", "o")
        mine = await limiter.get_window_stats(of_user, "user", user)
        return within, mine, await limiter.get_window_stats(of_organization, "organization", "o")

    return spend


def of_throttled(url: str) -> Spend:
    library = importlib.import_module("throttled.asyncio")
    store = library.RedisStore(server=url)
    kind = library.RateLimiterType.TOKEN_BUCKET.value

    def bucket(a_minute: int) -> Any:
        return library.Throttled(using=kind, quota=library.per_min(a_minute, burst=a_minute), store=store)

    of_user, of_organization = bucket(A_USER), bucket(AN_ORGANIZATION)

    async def spend(user: str) -> Any:
        mine = await of_user.limit(user)
        return mine, None if mine.limited else await of_organization.limit("o")

    return spend
