"""The state machine of a job, walked at random on the real PostgreSQL and compared with a model in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from app.core.enums import JobStatus
from app.core.job_states import TRANSITIONS
from app.db.session import make_engine
from app.models import ImageJob
from app.repositories.claims import ClaimedJob
from app.schemas.jobs import JobOut
from app.services.queue import QueueService
from app.services.quotas import QuotaService
from app.services.unit_of_work import open_units
from tests.conftest import Servers
from tests.support.queue import QueueBench

MAX_ATTEMPTS = 3
CLOSING = {JobStatus.COMPLETED: ["settle"], JobStatus.FAILED: ["refund"], JobStatus.CANCELED: ["refund"]}
Result = TypeVar("Result")


@dataclass
class Known:
    """What the model knows of one job. `token` None: nobody holds it."""

    job: ImageJob
    status: JobStatus = JobStatus.QUEUED
    attempt: int = 0
    token: UUID | None = None
    expired: bool = False
    canceling: bool = False
    overdue: bool = False
    history: list[JobStatus] = field(default_factory=lambda: [JobStatus.QUEUED])

    def move(self, status: JobStatus) -> None:
        assert status in TRANSITIONS[self.status]
        self.status = status
        self.history.append(status)
        if status is not JobStatus.RUNNING:
            self.token, self.expired = None, False


class Silent:
    async def announce(self, job: ImageJob, images: list[Any]) -> JobOut | None:
        return None

    def wake(self, model_id: str) -> None:
        return


class QueueMachine(RuleBasedStateMachine):
    leases = Bundle("leases")
    jobs = Bundle("jobs")

    def __init__(self, servers: Servers) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.app, self.owner = (make_engine(url, pool_size=2) for url in (servers.database_url, servers.superuser_url))
        self.stack = AsyncExitStack()
        units = self.do(self.stack.enter_async_context(open_units(self.app, driver_connections=2)))
        self.bench = QueueBench(units, self.owner)
        self.upkeep = QueueService(
            units,
            quotas=QuotaService(None),
            announcer=Silent(),  # type: ignore[arg-type]
            wake_ups=Silent(),  # type: ignore[arg-type]
            max_attempts=MAX_ATTEMPTS,
        )
        self.do(self.clear())
        self.people = [*self.do(self.bench.organization(users=2)), *self.do(self.bench.organization())]
        self.known: dict[UUID, Known] = {}

    async def clear(self) -> None:
        async with self.owner.begin() as connection:
            await connection.exec_driver_sql("TRUNCATE image_jobs, quota_accounts, user_quota_accounts CASCADE")

    def do(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(coroutine)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.do(self.app.dispose())
        self.do(self.owner.dispose())
        self.runner.close()

    def holds(self, lease: ClaimedJob) -> bool:
        return self.known[lease.id].token == lease.lease_token

    @rule(target=jobs, who=st.integers(0, 2), steps=st.integers(1, 3), priority=st.integers(-1, 1))
    def submit(self, who: int, steps: int, priority: int) -> UUID:
        [job] = self.do(self.bench.submit(self.people[who], steps=steps, priority=priority))
        self.known[job.id] = Known(job)
        return job.id

    @rule(target=leases, room=st.integers(1, 3), proven=st.booleans())
    def claim(self, room: int, proven: bool) -> Any:
        batch = self.do(self.bench.claim(max_images=lambda _: room, proven=proven))
        waiting = [known for known in self.known.values() if known.status is JobStatus.QUEUED]
        assert bool(batch) == bool(waiting), "a claim finds something exactly when something waits"
        assert len({job.batch_key for job in batch}) <= 1
        for job in batch:
            known = self.known[job.id]
            known.move(JobStatus.RUNNING)
            known.attempt += 1
            known.token = job.lease_token
            assert job.attempt == known.attempt
        return multiple(*batch)

    @rule(lease=leases)
    def heartbeat(self, lease: ClaimedJob) -> None:
        async def beat() -> Any:
            async with self.bench.units.queue() as unit:
                return await unit.queue.heartbeat(lease, progress=0.5, lease_seconds=30)

        heard, known = self.do(beat()), self.known[lease.id]
        assert heard.alive == (self.holds(lease) and not known.expired)
        if heard.alive:
            assert (heard.cancel_requested, heard.overdue) == (known.canceling, known.overdue)

    @rule(lease=leases, status=st.sampled_from([JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED]))
    def finish(self, lease: ClaimedJob, status: JobStatus) -> None:
        done = self.do(self.bench.finish(lease, status))
        assert done == self.holds(lease), "the token decides, whatever else happened"
        if done:
            self.known[lease.id].move(status)

    @rule(lease=leases, forgive=st.booleans())
    def hand_back(self, lease: ClaimedJob, forgive: bool) -> None:
        async def requeue() -> bool:
            async with self.bench.units.queue() as unit:
                return await unit.queue.requeue(
                    organization_id=lease.organization_id, job_id=lease.id, token=lease.lease_token, forgive=forgive
                )

        done, known = self.do(requeue()), self.known[lease.id]
        assert done == self.holds(lease)
        if done:
            known.move(JobStatus.QUEUED)
            known.attempt -= forgive

    @rule(lease=consumes(leases))
    def go_silent(self, lease: ClaimedJob) -> None:
        changed = self.do(
            self.bench.rows(
                "UPDATE image_jobs SET lease_expires_at = clock_timestamp() - interval '1 second' "
                "WHERE id = :id AND lease_token = :token RETURNING id",
                id=lease.id,
                token=lease.lease_token,
            )
        )
        assert bool(changed) == self.holds(lease)
        if changed:
            self.known[lease.id].expired = True

    @rule(job_id=jobs)
    def cancel(self, job_id: UUID) -> None:
        known = self.known[job_id]
        person = next(each for each in self.people if each.user_id == known.job.user_id)
        if known.status is JobStatus.QUEUED:
            self.do(self.bench.cancel(person, job_id))
            known.move(JobStatus.CANCELED)
            return

        async def ask() -> None:
            async with self.bench.units.tenant(person.organization_id, person.user_id) as unit:
                await unit.jobs.request_cancel(job_id)

        self.do(ask())
        known.canceling |= known.status is JobStatus.RUNNING

    @rule(job_id=jobs)
    def pass_the_deadline(self, job_id: UUID) -> None:
        self.do(
            self.bench.rows(
                "UPDATE image_jobs SET deadline_at = now() - interval '1 second' WHERE id = :id RETURNING 1",
                id=job_id,
            )
        )
        self.known[job_id].overdue = True

    @rule()
    def sweep(self) -> None:
        self.do(self.upkeep.sweep())
        for known in self.known.values():
            if known.status is JobStatus.QUEUED and known.overdue:
                known.move(JobStatus.FAILED)
            elif known.expired:
                if known.canceling:
                    known.move(JobStatus.CANCELED)
                elif known.overdue or known.attempt >= MAX_ATTEMPTS:
                    known.move(JobStatus.FAILED)
                else:
                    known.move(JobStatus.QUEUED)

    @invariant()
    def the_table_says_the_same(self) -> None:
        rows = self.do(self.bench.rows("SELECT id, status, attempt, lease_token FROM image_jobs"))
        assert {row.id: (row.status, row.attempt, row.lease_token) for row in rows} == {
            job_id: (known.status.value, known.attempt, known.token) for job_id, known in self.known.items()
        }

    @invariant()
    def each_job_is_charged_as_it_ended(self) -> None:
        entries = self.do(self.bench.rows("SELECT job_id, kind FROM ledger_entries ORDER BY kind"))
        for job_id, known in self.known.items():
            kinds = [entry.kind for entry in entries if entry.job_id == job_id]
            closing = {
                JobStatus.COMPLETED: ["settle"],
                JobStatus.FAILED: ["refund"],
                JobStatus.CANCELED: ["refund"],
            }
            assert sorted(kinds) == sorted(["reserve", *closing.get(known.status, [])])

    @invariant()
    def the_account_is_the_ledgers_sum(self) -> None:
        [[reserved, charged]] = self.do(
            self.bench.rows("SELECT COALESCE(sum(reserved), 0), COALESCE(sum(charged), 0) FROM quota_accounts")
        )
        theirs = self.do(
            self.bench.rows("SELECT COALESCE(sum(reserved), 0), COALESCE(sum(charged), 0) FROM user_quota_accounts")
        )
        assert theirs == [(reserved, charged)], "the people's parts are the organisation's whole"
        is_open = (JobStatus.QUEUED, JobStatus.RUNNING)
        assert reserved == sum(known.job.cost for known in self.known.values() if known.status in is_open)
        assert charged == sum(known.job.cost for known in self.known.values() if known.status is JobStatus.COMPLETED)


@pytest.mark.timeout(600)
def test_every_walk_through_the_states_ends_as_the_model_says(servers: Servers) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: QueueMachine(servers),
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
