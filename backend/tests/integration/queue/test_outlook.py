"""What running jobs still have to do, for those who wait behind them."""

from __future__ import annotations

from sqlalchemy import text

from app.repositories.outlooks import Speed
from tests.support.queue import QueueBench

COST = 4096
TEN_SECONDS_A_JOB = Speed(latency=10 / COST, pace=10 / COST, runs=40)


async def test_a_running_job_without_progress_has_less_left_the_longer_it_runs(bench: QueueBench) -> None:
    (person,) = await bench.organization()
    await bench.submit(person)
    assert await running_cost(bench) == 0, "it waits"
    await bench.claim_one()
    assert 0.9 * COST < await running_cost(bench) <= COST
    await start_earlier(bench, 5)
    assert 0.4 * COST < await running_cost(bench) <= 0.5 * COST
    await start_earlier(bench, 60)
    assert await running_cost(bench) == 0, "late, and due at any moment"


async def test_a_progress_that_is_known_counts_more_than_the_time(bench: QueueBench) -> None:
    (person,) = await bench.organization()
    await bench.submit(person)
    job = await bench.claim_one()
    async with bench.units.queue() as unit:
        await unit.queue.heartbeat(job, progress=0.25, lease_seconds=30)
    await start_earlier(bench, 60)
    assert await running_cost(bench) == 0.75 * COST


async def running_cost(bench: QueueBench) -> float:
    async with bench.units.outlooks() as outlooks:
        return await outlooks.running_cost("plain", TEN_SECONDS_A_JOB)


async def start_earlier(bench: QueueBench, seconds: int) -> None:
    async with bench.owner.begin() as connection:
        await connection.execute(
            text("UPDATE image_jobs SET started_at = started_at - make_interval(secs => :seconds)"),
            {"seconds": seconds},
        )
