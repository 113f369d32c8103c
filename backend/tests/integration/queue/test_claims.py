"""What one claim takes: a batch that fits, of a model nearby, and never twice."""

from __future__ import annotations

import asyncio

from app.core.enums import JobStatus
from app.repositories.claims import AFFINITY_JOBS, ClaimedJob
from tests.support.queue import QueueBench


async def test_a_batch_takes_what_shares_the_forward_pass_of_any_user(bench: QueueBench) -> None:
    [ann], [ben] = await bench.organization(), await bench.organization()
    await bench.submit(ann, count=2)
    await bench.submit(ann, steps=2)
    await bench.submit(ben, guidance=1.0)
    await bench.submit(ben, count=2)
    batch = await bench.claim(max_images=lambda _: 8)
    assert len(batch) == 4
    assert {(job.steps, job.guidance) for job in batch} == {(1, 3.0)}
    assert {job.user_id for job in batch} == {ann.user_id, ben.user_id}
    assert len({job.lease_token for job in batch}) == 4


async def test_a_batch_holds_no_more_images_than_the_device(bench: QueueBench) -> None:
    [ann] = await bench.organization()
    await bench.submit(ann, count=5, num_images=3)
    seen: list[ClaimedJob] = []
    batch = await bench.claim(max_images=lambda first: seen.append(first) or 8)  # type: ignore[func-returns-value]
    assert [job.num_images for job in batch] == [3, 3]
    assert [job.id for job in seen] == [batch[0].id]


async def test_a_job_larger_than_the_device_says_is_claimed_alone(bench: QueueBench) -> None:
    [ann] = await bench.organization()
    await bench.submit(ann, count=2, num_images=4)
    assert len(await bench.claim(max_images=lambda _: 1)) == 1


async def test_many_workers_at_once_take_each_job_once(bench: QueueBench) -> None:
    people = [(await bench.organization())[0] for _ in range(4)]
    for person in people:
        await bench.submit(person, count=15)

    async def work() -> list[ClaimedJob]:
        mine: list[ClaimedJob] = []
        while batch := await bench.claim(max_images=lambda _: 3):
            mine += batch
        return mine

    taken = [job.id for jobs in await asyncio.gather(*(work() for _ in range(8))) for job in jobs]
    assert len(taken) == len(set(taken)) == 60


async def test_a_loaded_model_goes_first_within_the_window_and_no_further(bench: QueueBench) -> None:
    [ann], [ben] = await bench.organization(), await bench.organization()
    await bench.submit(ann, model="other")
    await bench.submit(ben, count=20)
    order = []
    while not order or order[-1].model != "other":
        order += await bench.claim(models=["plain", "other"], loaded_models={"plain"})
    assert len(order) == AFFINITY_JOBS + 2  # turns 0 … 4 × its cost go before it


async def test_models_that_the_worker_lacks_are_left_alone(bench: QueueBench) -> None:
    [ann] = await bench.organization()
    await bench.submit(ann, model="other")
    assert await bench.claim() == []


async def test_a_suspect_comes_alone_and_only_to_a_worker_that_has_proven_itself(bench: QueueBench) -> None:
    [ann] = await bench.organization()
    await bench.submit(ann, count=4)
    poison = await bench.claim_one()
    async with bench.units.queue() as unit:
        assert await unit.queue.requeue(
            organization_id=poison.organization_id, job_id=poison.id, token=poison.lease_token, worker_lost=True
        )
    # The worker has just come back: others first, and no suspect among them.
    first = await bench.claim(proven=False, max_images=lambda _: 2)
    assert poison.id not in {job.id for job in first}
    [again] = await bench.claim(proven=True, max_images=lambda _: 8)
    assert (again.id, again.attempt) == (poison.id, 2)
    async with bench.units.queue() as unit:
        await unit.queue.requeue(
            organization_id=again.organization_id, job_id=again.id, token=again.lease_token, worker_lost=True
        )
    [other] = await bench.claim(proven=False)
    assert other.id != poison.id
    # Nothing else waits: whom would it harm?
    [last] = await bench.claim(proven=False)
    assert (last.id, last.attempt) == (poison.id, 3)


async def test_a_late_token_changes_nothing(bench: QueueBench) -> None:
    [ann] = await bench.organization()
    await bench.submit(ann)
    late = await bench.claim_one(lease_seconds=0.01)
    async with bench.units.queue() as unit:
        await asyncio.sleep(0.05)  # no condition to wait for: the lease is over after 0.01 s
        expired = await unit.queue.lock_expired(10)
        assert not (await unit.queue.heartbeat(late, progress=1, lease_seconds=30)).alive
        assert await unit.queue.requeue(organization_id=late.organization_id, job_id=late.id, token=late.lease_token)
    assert [job.id for job in expired] == [late.id]
    now = await bench.claim_one()
    assert now.id == late.id
    assert not await bench.finish(late)
    assert not await bench.finish(late, JobStatus.FAILED)
    assert await bench.finish(now)
    [[status, attempt]] = await bench.rows("SELECT status, attempt FROM image_jobs")
    assert (status, attempt) == ("COMPLETED", 2)
