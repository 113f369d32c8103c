"""Search reads an index under row-level security, and its function tells nothing across organisations.

Times: `./easel bench search`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.config import Settings
from app.core.ids import new_id
from app.db.roles import APP_ROLE
from app.db.session import make_engine
from app.repositories.images import ImageFilter
from app.services.unit_of_work import UnitsOfWork, open_units
from tests.support.gallery import fill_gallery

SIZE = 20_000


@pytest.fixture
async def units(settings: Settings, empty: None) -> AsyncIterator[UnitsOfWork]:
    engine = make_engine(settings.database_url, pool_size=2)
    async with open_units(engine, driver_connections=1) as units:
        yield units
    await engine.dispose()


@pytest.mark.timeout(300)
async def test_a_rare_word_is_looked_up_and_not_looked_for(units: UnitsOfWork, owner_engine: AsyncEngine) -> None:
    gallery = await fill_gallery(owner_engine, SIZE)
    rare = gallery.words[15_000]
    async with units.tenant(gallery.organization_id, gallery.owner) as unit:
        found = await unit.images.page(ImageFilter(text=rare), cursor=None, limit=50)
        assert all(rare in image.prompt for image in found)
        assert {image.organization_id for image in found} == {gallery.organization_id}
        warm, cold = [await pages_read(unit._session, rare) for _ in range(2)][1], await pages_read(unit._session, "%")
    # Reading every row of theirs, as a search without an index has to, touches each of their pages.
    assert warm * 10 < cold, (warm, cold)


@pytest.mark.timeout(300)
async def test_the_function_takes_its_organisation_from_the_transaction_alone(
    units: UnitsOfWork, owner_engine: AsyncEngine
) -> None:
    gallery = await fill_gallery(owner_engine, 200)
    wanted = ImageFilter(text=gallery.words[0])
    for organization, person in ((new_id(), gallery.owner), (gallery.organization_id, new_id())):
        async with units.tenant(organization, person) as unit:
            assert await unit.images.page(wanted, cursor=None, limit=50) == []
    async with units.tenant(gallery.organization_id) as unit:  # nobody in particular
        assert await unit.images.page(wanted, cursor=None, limit=50) == []
    async with units.tenant(gallery.organization_id, gallery.owner) as unit:
        assert len(await unit.images.page(wanted, cursor=None, limit=50)) > 10


async def test_requests_read_neither_the_words_nor_ask_for_another_organisation(
    units: UnitsOfWork, owner_engine: AsyncEngine
) -> None:
    for statement in ("SELECT * FROM image_words", "SELECT image_query(gen_random_uuid(), 'a', NULL)"):
        async with owner_engine.connect() as connection:
            await connection.execute(text(f"SET LOCAL ROLE {APP_ROLE}"))
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(statement))


async def pages_read(session: AsyncSession, words: str) -> int:
    plan = await session.execute(
        text(
            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM find_images("
            ":words, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'newest', 50)"
        ),
        {"words": words},
    )
    figures = plan.scalar_one()[0]["Plan"]
    return int(figures["Shared Hit Blocks"] + figures["Shared Read Blocks"])
