"""The engine and its connections."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_TIMEOUT_SECONDS = 5
COMMAND_TIMEOUT_SECONDS = 15
STATEMENT_TIMEOUT = "10s"


def make_engine(database_url: str, *, pool_size: int) -> AsyncEngine:
    """One engine per process and event loop.

    A dead connection is found before it is used (`pool_pre_ping`), so a restarted database costs no failed request
    once it is back. No statement runs for longer than its timeout, here or on the server.
    """
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "timeout": CONNECT_TIMEOUT_SECONDS,
            "command_timeout": COMMAND_TIMEOUT_SECONDS,
            "server_settings": {
                "application_name": "easel",
                "statement_timeout": STATEMENT_TIMEOUT,
                "idle_in_transaction_session_timeout": "30s",
                "timezone": "UTC",
                "jit": "off",
            },
        },
    )
