from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.db.session import make_engine
from app.services.unit_of_work import open_units
from tests.support.queue import QueueBench


@pytest.fixture
async def bench(settings: Settings, owner_engine: AsyncEngine, empty: None) -> AsyncIterator[QueueBench]:
    engine = make_engine(settings.database_url, pool_size=10)
    async with open_units(engine, driver_connections=10) as units:
        yield QueueBench(units, owner_engine)
    await engine.dispose()
