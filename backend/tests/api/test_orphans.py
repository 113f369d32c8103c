"""Files that no image names are removed, and no other file is."""

from __future__ import annotations

import time

from app.core.ids import new_id
from app.services.orphans import OrphanService
from tests.support.studio import Studio

LATER = 10_000.0


def sweeper(studio: Studio) -> OrphanService:
    return OrphanService(
        studio.parts.units, studio.parts.storage, grace_seconds=3600, clock=lambda: time.time() + LATER
    )


async def keys(studio: Studio) -> set[str]:
    return {key async for key in studio.parts.storage.list("")}


async def test_only_files_without_a_row_go(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate(num_images=2)
    await studio.drain()
    waiting = await ann.generate()
    organization = (await ann.get("/api/v1/users/me")).json()["organization"]["id"]
    await sweeper(studio).sweep()  # what other tests left
    kept = await keys(studio)
    assert len([key for key in kept if job["job_id"] in key]) == 4
    storage = studio.parts.storage
    mine = f"{organization}/images/{waiting['job_id']}/0.png"  # its worker may be about to record it
    strange = f"{organization}/exports/{new_id()}.zip"
    orphans = [
        f"{organization}/images/{job['job_id']}/2.png",
        f"{organization}/images/{new_id()}/0.png",
        f"{new_id()}/images/{new_id()}/0.thumbnail.webp",
    ]
    for key in (mine, strange, *orphans):
        await storage.put(key, b"x", content_type="image/png")
    assert await sweeper(studio).sweep() == len(orphans)
    assert await keys(studio) >= kept | {mine, strange}
    assert not await keys(studio) & set(orphans)


async def test_a_young_file_may_still_get_its_row(studio: Studio) -> None:
    key = f"{new_id()}/images/{new_id()}/0.png"
    await studio.parts.storage.put(key, b"x", content_type="image/png")
    young = OrphanService(studio.parts.units, studio.parts.storage, grace_seconds=3600)
    assert await young.sweep() == 0
    assert await studio.parts.storage.exists(key)
    assert await sweeper(studio).sweep() >= 1
