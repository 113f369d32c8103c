from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.db.session import make_engine
from app.services.unit_of_work import UnitsOfWork
from tests.support.queue import QueueBench


@pytest.fixture
async def bench(settings: Settings, owner_engine: AsyncEngine, empty: None) -> AsyncIterator[QueueBench]:
    engine = make_engine(settings.database_url, pool_size=10)
    yield QueueBench(UnitsOfWork(engine), owner_engine)
    await engine.dispose()
