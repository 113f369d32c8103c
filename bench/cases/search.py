"""Search in the gallery under row-level security against the same search without it, at 1,000,000 images.

The plain thing is the plain statement on the same index, run by the tables' owner, whom no policy holds, and planned
for its values, as ours is. `prepared` is that statement as the driver runs it by itself: planned for any values once
it has run a few times. `naive` is the plain statement under the policy, without our function: what everybody writes
first. Each contender begins its transaction in the same way and reads the same rows through the same mapper. What a
query's words mean is given to the others; but nobody finds a slip of the finger who does not look for words like it,
so there the plain way does so too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from app.bootstrap.database import migrate
from app.cli.studio.postgres import SUPERUSER, EmbeddedPostgres
from app.core.config import load_settings
from app.core.enums import Visibility
from app.db.roles import APP_ROLE
from app.db.session import make_engine
from app.models import Image
from app.repositories.images import ImageFilter
from app.services.unit_of_work import _BEGIN, UnitsOfWork, open_units
from bench.lib.rounds import interleave, tell
from bench.lib.tables import print_table, verdict
from tests.support.gallery import FilledGallery, fill_gallery
from tests.support.homes import temporary_home

SIZE = int(os.environ.get("EASEL_BENCH_IMAGES", "1000000"))
LIMIT = 51
SLIP = "a slip of the finger"
SEARCHES_A_ROUND = 10
NAIVE_A_ROUND = 1


async def run(rounds: int) -> None:
    with temporary_home("bench") as home:
        settings = {"fsync": "off", "shared_buffers": "512MB", "max_wal_size": "8GB"}
        with EmbeddedPostgres(home, settings=settings) as postgres:
            loaded = load_settings(
                _env_file=None,
                home=home / "home",
                database_url=postgres.url,
                redis_url="redis://unused",
                model="unused",
            )
            await asyncio.to_thread(migrate, loaded)
            app = make_engine(postgres.url, pool_size=1)
            # One more: what a query means is asked beside the first statement.
            owner = make_engine(postgres.superuser_url, pool_size=2)
            async with owner.begin() as connection:
                await connection.execute(text(f"ALTER ROLE {SUPERUSER} SET plan_cache_mode = force_custom_plan"))
            await owner.dispose()  # connections that are open don't know yet
            try:
                tell(f"filling a gallery with {SIZE} images")
                gallery = await fill_gallery(owner, SIZE)
                async with open_units(app, driver_connections=1) as units:
                    await _compare(units, app, owner, gallery, max(5, rounds))
            finally:
                await app.dispose()
                await owner.dispose()


async def _compare(
    units: UnitsOfWork, app: AsyncEngine, owner: AsyncEngine, gallery: FilledGallery, rounds: int
) -> None:
    rows: list[tuple[object, ...]] = []
    worst = 0.0
    for name, wanted in _searches(gallery).items():
        bench = Search(units, app, owner, gallery, wanted, plain_asks=name == SLIP)
        assert await bench.ids(bench.ours) == await bench.ids(bench.plain), f"{name}: they find different images"
        contenders: dict[str, Callable[[], Any]] = {
            "ours": partial(bench.seconds, bench.ours, SEARCHES_A_ROUND),
            "plain": partial(bench.seconds, bench.plain, SEARCHES_A_ROUND),
            "prepared": partial(bench.seconds, bench.prepared, SEARCHES_A_ROUND),
            "naive": partial(bench.seconds, bench.naive, NAIVE_A_ROUND),
        }
        compared = await interleave(contenders, rounds=rounds)
        ratio = compared.ratio("ours", "plain")
        worst = max(worst, ratio)
        low, high = compared.spread("ours", "plain")
        found = len(await bench.ids(bench.ours))
        rows.append(
            (
                name,
                found,
                compared.median("plain") * 1000,
                compared.median("ours") * 1000,
                ratio,
                f"{low:.2f} to {high:.2f}",
                compared.ratio("prepared", "plain"),
                compared.ratio("naive", "plain"),
                verdict(ratio, 2.0),
            )
        )
    columns = (
        *("search", "found", "plain, ms", "ours, ms", "ours / plain", "quartiles"),
        *("prepared / plain", "naive / plain", "promise"),
    )
    print_table(
        f"Search at {SIZE} images, half of them the searcher's, {rounds} rounds",
        columns,
        rows,
        f"Largest ratio of ours to plain: {worst:.2f}.",
    )


def _searches(gallery: FilledGallery) -> dict[str, ImageFilter]:
    words = gallery.words
    common, middle, rare = words[1], words[300], words[15_000]
    return {
        "a common word": ImageFilter(text=common),
        "a word in the middle": ImageFilter(text=middle),
        "a rare word": ImageFilter(text=rare),
        "two words": ImageFilter(text=f"{common} {middle}"),
        "three letters": ImageFilter(text=rare[:3]),
        SLIP: ImageFilter(text=rare[0] + rare[2] + rare[1] + rare[3:]),
        "a word and a tag": ImageFilter(text=common, tag="print"),
        "in the shared gallery": ImageFilter(text=middle, visibility=Visibility.ORGANIZATION),
        "a word and favourites": ImageFilter(text=middle, favorite=True),
    }


class Search:
    """One search by three ways."""

    def __init__(
        self,
        units: UnitsOfWork,
        app: AsyncEngine,
        owner: AsyncEngine,
        gallery: FilledGallery,
        wanted: ImageFilter,
        *,
        plain_asks: bool,
    ) -> None:
        """`plain_asks`: the plain way asks each time what the words mean."""
        self._units = units
        self._app = async_sessionmaker(app, expire_on_commit=False)
        self._owner = async_sessionmaker(owner, expire_on_commit=False)
        self._gallery = gallery
        self._wanted = wanted
        self._plain_asks = plain_asks
        self._query: str | None = None

    async def seconds(self, way: Callable[[], Any], times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            await way()
        return (time.perf_counter() - began) / times

    async def ids(self, way: Callable[[], Any]) -> list[Any]:
        return [image.id for image in await way()]

    async def ours(self) -> list[Image]:
        async with self._units.tenant(self._gallery.organization_id, self._gallery.owner) as unit:
            return await unit.images.page(self._wanted, cursor=None, limit=LIMIT)

    async def plain(self) -> list[Image]:
        return await self._statement(self._owner, SUPERUSER)

    async def prepared(self) -> list[Image]:
        return await self._statement(self._owner, SUPERUSER, prepared=True)

    async def naive(self) -> list[Image]:
        return await self._statement(self._app, APP_ROLE)

    async def _statement(self, sessions: async_sessionmaker[Any], role: str, *, prepared: bool = False) -> list[Image]:
        """What a query means is asked of the database unless it is known."""
        async with sessions.begin() as session:
            organization, person = str(self._gallery.organization_id), str(self._gallery.owner)
            await session.execute(_BEGIN, {"role": role, "organization_id": organization, "user_id": person})
            if prepared:
                await session.execute(text("SET LOCAL plan_cache_mode = auto"))
            if self._query is None or (self._plain_asks and role == SUPERUSER):
                asked = text("SELECT image_query(CAST(:organization AS uuid), :words, :tag)::text")
                values = {"organization": organization, "words": self._wanted.text, "tag": self._wanted.tag}
                async with self._owner.begin() as owner:
                    self._query = await owner.scalar(asked, values)
            query = select(Image).where(*self._conditions()).order_by(Image.id.desc()).limit(LIMIT)
            return list((await session.scalars(query)).all())

    def _conditions(self) -> list[ColumnElement[bool]]:
        assert self._query is not None, "asked before"
        quoted = self._query.replace("'", "''")
        shared = self._wanted.visibility is Visibility.ORGANIZATION
        conditions = [
            Image.organization_id == self._gallery.organization_id,
            Image.deleted_at.is_(None),
            literal_column("visibility = 'organization'") if shared else Image.user_id == self._gallery.owner,
            literal_column(f"search @@ '{quoted}'::tsquery"),
        ]
        if self._wanted.favorite is not None:
            conditions.append(Image.favorite.is_(self._wanted.favorite))
        return conditions
