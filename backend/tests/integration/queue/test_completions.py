"""A job's end in one statement: its images in their order and one charge, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from app.core.ids import new_id
from app.repositories.claims import ClaimedJob
from app.repositories.completions import NewImage
from tests.support.queue import Person, QueueBench


def image(name: str) -> NewImage:
    return NewImage(
        id=new_id(),
        storage_key=f"{name}.png",
        thumbnail_key=f"{name}.webp",
        medium_key=None,
        sha256="0" * 64,
        size_bytes=3_000_000_000,
        width=64,
        height=32,
        seed=2**32 - 1,
        placeholder="AAAA",
    )


async def complete(bench: QueueBench, job: ClaimedJob, images: Sequence[NewImage]) -> tuple[bool, bool]:
    """Whether it is done, and whether cancelling kept it from that."""
    async with bench.units.completions(job.organization_id) as completions:
        done = await completions.complete(job, images) is not None
        return done, await completions.cancel_was_asked(job)


async def reserved_and_charged(bench: QueueBench) -> list[tuple[int, int]]:
    accounts = await bench.rows("SELECT reserved, charged FROM quota_accounts")
    people = await bench.rows("SELECT reserved, charged FROM user_quota_accounts")
    assert accounts == people
    return [tuple(each) for each in accounts]


async def claimed(bench: QueueBench) -> tuple[Person, ClaimedJob]:
    [person] = await bench.organization()
    await bench.submit(person, steps=3)
    return person, await bench.claim_one()


async def test_images_keep_their_order_and_say_what_their_job_says(bench: QueueBench) -> None:
    person, job = await claimed(bench)
    assert await complete(bench, job, [image("first"), image("second")]) == (True, False)
    rows = await bench.rows(
        "SELECT storage_key, position, seed, size_bytes, prompt, user_id, visibility FROM images ORDER BY position"
    )
    assert [tuple(row) for row in rows] == [
        (f"{name}.png", position, 2**32 - 1, 3_000_000_000, "a red rocket", person.user_id, "private")
        for position, name in enumerate(("first", "second"))
    ]
    [ended] = await bench.rows("SELECT status, progress, lease_token, finished_at IS NOT NULL AS over FROM image_jobs")
    assert tuple(ended) == ("COMPLETED", 1.0, None, True)
    assert await reserved_and_charged(bench) == [(0, 3 * 4096)]


async def test_a_job_is_charged_once_and_ended_once(bench: QueueBench) -> None:
    _, job = await claimed(bench)
    assert await complete(bench, job, [image("first")]) == (True, False)
    assert await complete(bench, job, [image("again")]) == (False, False)
    assert [tuple(row) for row in await bench.rows("SELECT storage_key FROM images")] == [("first.png",)]
    assert await reserved_and_charged(bench) == [(0, 3 * 4096)]


async def test_who_lost_the_lease_changes_nothing(bench: QueueBench) -> None:
    _, job = await claimed(bench)
    async with bench.owner.begin() as connection:
        await connection.execute(text("UPDATE image_jobs SET lease_token = gen_random_uuid()"))
    assert await complete(bench, job, [image("late")]) == (False, False)
    assert await bench.rows("SELECT id FROM images") == []
    assert await reserved_and_charged(bench) == [(3 * 4096, 0)]


async def test_a_job_whose_owner_asked_to_cancel_is_not_completed(bench: QueueBench) -> None:
    _, job = await claimed(bench)
    async with bench.units.tenant(job.organization_id, job.user_id) as unit:
        await unit.jobs.request_cancel(job.id)
    assert await complete(bench, job, [image("unwanted")]) == (False, True)
    assert await bench.rows("SELECT id FROM images") == []
    assert await reserved_and_charged(bench) == [(3 * 4096, 0)]


async def test_a_job_of_another_organisation_is_out_of_reach(bench: QueueBench) -> None:
    _, job = await claimed(bench)
    [stranger] = await bench.organization()
    async with bench.units.completions(stranger.organization_id) as completions:
        assert await completions.complete(job, [image("stolen")]) is None
    assert await bench.rows("SELECT id FROM images") == []
