"""Memory of the API and of a worker over 2,000 jobs of a model that does nothing: does it grow?"""

from __future__ import annotations

import itertools
import statistics

from bench.cases.accept import asked_by
from bench.lib import http
from bench.lib.rounds import tell
from bench.lib.servers import Servers, open_servers, until
from bench.lib.tables import print_table, verdict

JOBS, A_STEP, CONNECTIONS = 2000, 200, 4
PEOPLE = 8
MIB = 1024 * 1024
WARM_UP_STEPS = 3
"""Caches fill and allocators settle; what grows after that would go on growing."""
MAX_KIB_A_JOB = 2.0
"""A leak of one image, one row or one event a job would be more."""


async def run(rounds: int) -> None:  # noqa: ARG001 (it is one walk; its steps are what is compared)
    async with open_servers(log_level="WARNING") as bench, bench.api() as (api, port):
        with bench.worker() as worker, bench.upkeep():
            requests = asked_by(await bench.people(PEOPLE, organizations=PEOPLE))
            steps: list[tuple[int, float, float]] = []
            for done in range(A_STEP, JOBS + 1, A_STEP):
                batch = list(itertools.islice(requests, A_STEP))
                await http.send_all(port, batch, connections=CONNECTIONS, expected=202)
                await until(lambda: _all_ended(bench), "every job has ended", seconds=600)
                steps.append((done, api.resident_bytes() / MIB, worker.resident_bytes() / MIB))
                tell(f"{done} jobs: API {steps[-1][1]:.1f} MiB, worker {steps[-1][2]:.1f} MiB")
            failed = await bench.value("SELECT count(*) FROM image_jobs WHERE status <> 'COMPLETED'")
    tell("")
    settled = steps[WARM_UP_STEPS:]
    api_grows, worker_grows = (kib_a_job([(step[0], step[at]) for step in settled]) for at in (1, 2))
    print_table(
        f"Resident memory over {JOBS} jobs, {failed} of them failed",
        ("jobs", "API, MiB", "worker, MiB"),
        [*steps, ("KiB a job, settled", api_grows, worker_grows)],
        f"API: {verdict(api_grows, MAX_KIB_A_JOB)} KiB a job; worker: {verdict(worker_grows, MAX_KIB_A_JOB)}.",
    )


def kib_a_job(points: list[tuple[int, float]]) -> float:
    """Slope by Theil and Sen (the median over all pairs): a single step of the allocator does not make it."""
    slopes = [
        (mib_b - mib_a) / (jobs_b - jobs_a) for (jobs_a, mib_a), (jobs_b, mib_b) in itertools.combinations(points, 2)
    ]
    return statistics.median(slopes) * 1024


async def _all_ended(bench: Servers) -> bool:
    return bool(await bench.value("SELECT count(*) = 0 FROM image_jobs WHERE status IN ('QUEUED', 'RUNNING')"))
