"""What a server says as it ends, to connections that ask nothing, must not become an error of who uses them next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.errors import Unavailable
from app.db import driver_pool, session
from app.db.session import make_engine
from app.services.unit_of_work import UnitsOfWork, open_units

Use = Callable[[UnitsOfWork], Awaitable[int]]
GOODBYE = b"57P01"
"""The code of "terminating connection due to administrator command"."""


class LateClosing:
    """A way to the server on which its last words arrive, and the end of the connection after `close_now` only."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._close = asyncio.Event()
        self.said_goodbye = asyncio.Event()

    def close_now(self) -> None:
        self._close.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        asking = asyncio.create_task(self._pass_on(reader, server_writer))
        with suppress(OSError):
            while chunk := await server_reader.read(65536):
                writer.write(chunk)
                if GOODBYE in chunk:
                    self.said_goodbye.set()
        await self._close.wait()
        asking.cancel()
        server_writer.close()
        writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)


@pytest.fixture
async def way(settings: Settings, empty: None) -> AsyncIterator[tuple[LateClosing, AsyncEngine]]:
    url = make_url(settings.database_url)
    way = LateClosing(url.host or "127.0.0.1", url.port or 5432)
    server = await asyncio.start_server(way.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = make_engine(
        url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False), pool_size=1
    )
    yield way, engine
    way.close_now()
    await engine.dispose()
    server.close()


async def on_the_driver(units: UnitsOfWork) -> int:
    """The number of the server's process."""
    async with units.submission(uuid4(), uuid4()) as unit:
        connection = await unit.submissions._connect()
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def on_a_session(units: UnitsOfWork) -> int:
    async with units.tenant(uuid4()) as unit:
        return int(await unit._session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def on_the_connection_for_claims(units: UnitsOfWork) -> int:
    async with units.claims() as claims:
        assert [job async for job in claims.claim(models=["plain"], worker="w", lease_seconds=30)] == []
        return int(await claims._connection.fetchval("SELECT pg_backend_pid()"))


@pytest.mark.parametrize("use", [on_the_driver, on_a_session, on_the_connection_for_claims])
async def test_a_connection_whose_server_said_goodbye_is_given_up(
    way: tuple[LateClosing, AsyncEngine], owner_engine: AsyncEngine, use: Use
) -> None:
    between, engine = way
    async with open_units(engine, driver_connections=1) as units:
        number = await use(units)
        assert await use(units) == number, "it is kept"
        async with owner_engine.connect() as owner:
            assert await owner.scalar(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        async with asyncio.timeout(10):
            await between.said_goodbye.wait()
        await asyncio.sleep(0.05)  # the driver reads what has arrived

        with pytest.raises(Unavailable):
            await use(units)
        assert await use(units) != number
        between.close_now()


async def test_a_statement_that_takes_too_long_is_no_error_of_ours(
    settings: Settings, owner_engine: AsyncEngine, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server is too busy, or who holds a lock does not answer: to try again is what helps."""
    monkeypatch.setattr(session, "STATEMENT_TIMEOUT", "200ms")
    engine = make_engine(settings.database_url, pool_size=1)
    async with open_units(engine, driver_connections=1) as units:
        async with owner_engine.begin() as owner:
            await owner.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(Unavailable):
                await units.migration_revision()
        assert await units.migration_revision()
    await engine.dispose()


@pytest.mark.parametrize("use", [on_the_driver, on_a_session, on_the_connection_for_claims])
async def test_who_finds_all_connections_taken_waits_for_one_and_not_for_ever(
    settings: Settings, empty: None, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    for module in (session, driver_pool):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    engine = make_engine(settings.database_url, pool_size=1)
    async with open_units(engine, driver_connections=1) as units:
        async with units.submission(uuid4(), uuid4()), units.tenant(uuid4()), units.claims(), units.outlooks():
            with pytest.raises(Unavailable):
                await use(units)
        assert await use(units)
    await engine.dispose()


async def test_a_server_that_swallows_a_statement_is_given_up_and_another_connection_made(
    settings: Settings, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "COMMAND_TIMEOUT_SECONDS", 0.3)
    engine = make_engine(settings.database_url, pool_size=1)
    async with open_units(engine, driver_connections=1) as units:
        number = await on_the_driver(units)
        with pytest.raises(Unavailable):
            async with units.submission(uuid4(), uuid4()) as unit:
                await (await unit.submissions._connect()).execute("SELECT pg_sleep(5)")
        assert await on_the_driver(units) != number
    await engine.dispose()
