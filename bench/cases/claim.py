"""The claim's plan and time at 10^3 to 10^6 waiting jobs, on an embedded PostgreSQL of its own."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.database import migrate
from app.cli.studio.postgres import EmbeddedPostgres
from app.core.config import load_settings
from app.db.session import make_engine
from app.services.unit_of_work import open_units
from bench.lib.rounds import tell
from bench.lib.tables import print_table
from tests.support.homes import temporary_home
from tests.support.queue import QueueBench, explain_claim, fill_queue

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CLAIMS_A_ROUND, AT_ONCE = 30, 8


async def run(rounds: int) -> None:
    with temporary_home("bench") as home, EmbeddedPostgres(home, settings={"fsync": "off"}) as postgres:
        settings = load_settings(
            _env_file=None,
            home=home / "home",
            database_url=postgres.url,
            redis_url="redis://unused",
            model="unused",
        )
        await asyncio.to_thread(migrate, settings)
        app, owner = make_engine(postgres.url, pool_size=2), make_engine(postgres.superuser_url, pool_size=2)
        try:
            async with open_units(app, driver_connections=2) as units:
                await _measure(QueueBench(units, owner), owner, rounds)
        finally:
            await app.dispose()
            await owner.dispose()


async def _measure(bench: QueueBench, owner: AsyncEngine, rounds: int) -> None:
    rows, plans = [], {}
    for size in SIZES:
        tell(f"filling to {size}")
        singles, batches = [], []
        times = max(5, rounds)
        for number in range(times):
            # A short queue would run out, and is filled anew for each round.
            if number == 0 or size < times * CLAIMS_A_ROUND * (1 + AT_ONCE):
                await fill_queue(owner, size)
            singles.append(await _seconds_a_claim(bench, lambda first: first.num_images))
            batches.append(await _seconds_a_claim(bench, lambda _: AT_ONCE))
        plan = await explain_claim(owner)
        plans[size] = plan
        place = await _place_seconds(bench)
        rows.append(
            (
                f"10^{len(str(size)) - 1}",
                statistics.median(singles) * 1000,
                statistics.median(batches) * 1000,
                plan.milliseconds,
                plan.rows_read,
                "index scans only" if not plan.others else ", ".join(plan.others),
                place * 1000,
            )
        )
    columns = ("waiting", "claim of 1, ms", "claim of 8, ms", "execution, ms", "rows read", "plan", "place, ms")
    print_table("Claim by length of the queue", columns, rows)
    print(f"\nEXPLAIN (ANALYZE) at {SIZES[-1]} waiting jobs:\n\n{plans[SIZES[-1]].text}")


async def _seconds_a_claim(bench: QueueBench, max_images: Any) -> float:
    began = time.perf_counter()
    for _ in range(CLAIMS_A_ROUND):
        assert await bench.claim(max_images=max_images)
    return (time.perf_counter() - began) / CLAIMS_A_ROUND


async def _place_seconds(bench: QueueBench) -> float:
    """Of a newcomer, over HTTP the most frequent question."""
    [person] = await bench.organization()
    [job] = await bench.submit(person)
    began = time.perf_counter()
    for _ in range(5):
        await bench.place(job)
    return (time.perf_counter() - began) / 5
