"""The engine and its connections, and the driver's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.driver_pool import IDLE_SECONDS, WAIT_SECONDS, DriverPool
from app.db.roles import ENGINE_ROLE

CONNECT_TIMEOUT_SECONDS = 5
COMMAND_TIMEOUT_SECONDS = 15
STATEMENT_TIMEOUT = "10s"


def make_engine(database_url: str, *, pool_size: int) -> AsyncEngine:
    """One engine per process and event loop.

    A dead connection is found before it is used, so a restarted database costs no failed request once it is back. No
    statement runs for longer than its timeout, here or on the server. A connection on which one did is given up at
    once: a server that swallows a statement would swallow its ROLLBACK too, for as long again.
    """
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        pool_use_lifo=True,  # the one used last: its server process has planned what it is asked, and is in the caches
        max_overflow=0,  # what overflows is closed after use, and connecting costs more than most requests
        pool_timeout=WAIT_SECONDS,
        pool_recycle=1800,
        connect_args=_how_to_connect({}),
    )
    event.listen(engine.sync_engine, "checkin", _remember_when)
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    event.listen(engine.sync_engine, "handle_error", _give_up_on_silence)
    return engine


def make_driver_pool(engine: AsyncEngine, *, size: int, session: Mapping[str, str] | None = None) -> DriverPool:
    """Connections of the driver's own to the same server. `session` are settings that each begins with."""
    _, address = engine.dialect.create_connect_args(engine.url)
    return DriverPool(partial(asyncpg.connect, **address, **_how_to_connect(session or {})), size=size)


def make_queue_pool(engine: AsyncEngine) -> DriverPool:
    """For claims, and for looks at the queue: each is one statement, and a transaction by itself. The connections have
    the engine's role from their beginning, so that none has to be opened to take it on.

    Nobody waits for a claim to be on the disk. One that a crash of the database takes back is as good as a lease that
    ran out: the job waits again, and the token of the worker that has begun it opens nothing any more.
    """
    return make_driver_pool(engine, size=2, session={"role": ENGINE_ROLE, "synchronous_commit": "off"})


def _how_to_connect(session: Mapping[str, str]) -> dict[str, Any]:
    return {
        "timeout": CONNECT_TIMEOUT_SECONDS,
        "command_timeout": COMMAND_TIMEOUT_SECONDS,
        "server_settings": {
            "application_name": "easel",
            "statement_timeout": STATEMENT_TIMEOUT,
            "idle_in_transaction_session_timeout": "30s",
            "timezone": "UTC",
            "jit": "off",
            **session,
        },
    }


def _give_up_on_silence(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _remember_when(_: Any, record: Any) -> None:
    record.info["idle_since"] = monotonic()


def _refuse_dead(connection: Any, record: Any, _: Any) -> None:
    """Instead of `pool_pre_ping`, which asks three statements of the server before each use.

    A server that goes away closes its sockets, and the driver knows. Raises `DisconnectionError`: the pool connects
    anew.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    now = monotonic()
    if now - record.info.get("idle_since", now) > IDLE_SECONDS:  # what is between may have forgotten it
        try:
            connection.ping()
        except (DBAPIError, OSError, TimeoutError) as error:
            raise DisconnectionError from error
