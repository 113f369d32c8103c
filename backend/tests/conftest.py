"""Real servers for the tests, made by the test run itself and gone with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.database import migrate
from app.cli.studio.postgres import EmbeddedPostgres
from app.cli.studio.redis import EmbeddedRedis
from app.core.config import Settings, load_settings
from app.db.base import Base
from app.db.session import make_engine
from tests.support.homes import temporary_home
from tests.support.studio import Studio, open_studio, write_model_card


@dataclass(frozen=True)
class Servers:
    database_url: str
    superuser_url: str
    redis_url: str
    home: Path


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL, migrated to head, and Redis."""
    with (
        temporary_home("tests") as home,
        EmbeddedPostgres(home, durable=False) as postgres,
        EmbeddedRedis(home) as redis,
    ):
        servers = Servers(postgres.url, postgres.superuser_url, redis.url, home)
        migrate(make_settings(servers, home / "migrating"))
        yield servers


def make_settings(servers: Servers, home: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "home": home,
        "database_url": servers.database_url,
        "redis_url": servers.redis_url,
        "public_url": "http://127.0.0.1:3000",
        "secret_key": "a secret for tests that is long enough",
        "model": str(write_model_card(home / "models" / "plain")),
        "requests_per_minute": 1_000_000,
        "address_requests_per_minute": 1_000_000,
        "refusals_per_minute": 1_000_000,
        "address_refusals_per_minute": 1_000_000,
        "heartbeat_seconds": 0.1,
        "log_level": "WARNING",
    }
    return load_settings(_env_file=None, **{**values, **changes})


@pytest.fixture
async def settings(servers: Servers, tmp_path: Path) -> Settings:
    return make_settings(servers, tmp_path)


@pytest.fixture
async def owner_engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    """A connection as the superuser, who sees every row: for looking at what really is in the tables."""
    engine = make_engine(servers.superuser_url, pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def empty(servers: Servers, owner_engine: AsyncEngine) -> None:
    """No row in any table, nothing in Redis.

    Deleting few rows costs a sixth of TRUNCATE, which makes every table's files anew. The lock waits for who still
    writes; without triggers the order of tables does not matter, and the audit log can be emptied.
    """
    tables = [table.name for table in Base.metadata.sorted_tables]
    deletes = " ".join(f"DELETE FROM {table};" for table in tables)
    async with owner_engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))
        await connection.execute(text(f"DO $$BEGIN {deletes} END$$"))
    redis = Redis.from_url(servers.redis_url)
    await redis.flushall()
    await redis.aclose()


@pytest.fixture(scope="session")
async def shared_studio(servers: Servers) -> AsyncIterator[Studio]:
    async with open_studio(make_settings(servers, servers.home / "studio")) as studio:
        yield studio


@pytest.fixture
async def studio(shared_studio: Studio, empty: None) -> AsyncIterator[Studio]:
    """A studio without accounts, jobs or images. One server serves all tests: starting it costs a second."""
    async with AsyncExitStack() as clients:
        shared_studio.renew(clients)
        yield shared_studio


@pytest.fixture
async def open_studio_with(
    servers: Servers, tmp_path: Path, empty: None
) -> Callable[..., AbstractAsyncContextManager[Studio]]:
    """For tests that need other settings: `async with open_studio_with(registration="open") as studio`."""

    def opener(**changes: Any) -> AbstractAsyncContextManager[Studio]:
        return open_studio(make_settings(servers, tmp_path, **changes))

    return opener
