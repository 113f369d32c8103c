"""Connections of the driver's own: made when they are needed, kept, and given up when they are no good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.db import driver_pool
from app.db.driver_pool import DriverPool
from app.db.session import make_driver_pool, make_engine


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(settings.database_url, pool_size=1)
    yield engine
    await engine.dispose()


@pytest.fixture
async def pool(engine: AsyncEngine) -> AsyncIterator[DriverPool]:
    with closing(make_driver_pool(engine, size=2)) as pool:
        yield pool


async def test_the_connection_used_last_is_the_next_one(pool: DriverPool) -> None:
    first, second = await pool.take(), await pool.take()
    assert first is not second
    pool.give_back(first)
    pool.give_back(second)
    assert await pool.take() is second
    assert await pool.take() is first


async def test_who_waits_is_next_and_who_stops_waiting_takes_no_place(pool: DriverPool) -> None:
    taken = [await pool.take(), await pool.take()]
    gone, patient = asyncio.create_task(pool.take()), asyncio.create_task(pool.take())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    pool.give_back(taken[0])
    assert await patient is taken[0]
    for each in taken:
        pool.give_back(each)
    assert {await pool.take(), await pool.take()} == set(taken)


async def test_nobody_waits_for_ever(pool: DriverPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_pool, "WAIT_SECONDS", 0.05)
    taken = [await pool.take(), await pool.take()]
    with pytest.raises(TimeoutError):
        await pool.take()
    pool.give_back(taken[0])
    assert await pool.take() is taken[0]


async def test_what_is_closed_or_was_idle_for_long_is_made_anew(
    pool: DriverPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await pool.take()
    first.terminate()
    pool.give_back(first)
    second = await pool.take()
    pool.give_back(second)
    assert await pool.take() is second is not first
    pool.give_back(second)
    monkeypatch.setattr(driver_pool, "IDLE_SECONDS", -1.0)
    assert await pool.take() is not second
    assert second.is_closed()


async def test_who_cannot_connect_leaves_the_place_to_others() -> None:
    async def refuse() -> Connection:
        raise ConnectionRefusedError

    pool = DriverPool(refuse, size=1)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await pool.take()


async def test_closing_leaves_none_open(engine: AsyncEngine) -> None:
    with closing(make_driver_pool(engine, size=2)) as pool:
        connections = [await pool.take(), await pool.take()]
        for each in connections:
            pool.give_back(each)
    assert all(each.is_closed() for each in connections)
