from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.real_studio import RealStudio, open_real_studio


@pytest.fixture(scope="session")
async def processes() -> AsyncIterator[RealStudio]:
    """Two APIs and two workers, started once."""
    async with open_real_studio(apis=2, workers=2) as studio:
        yield studio


@pytest.fixture
async def studio(processes: RealStudio) -> AsyncIterator[RealStudio]:
    """The same processes, all alive, without a job."""
    await processes.make_whole()
    await processes.empty()
    yield processes
    await processes.make_whole()
