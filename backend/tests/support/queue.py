"""The queue without HTTP: people, jobs and claims straight through the repositories, on a real PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.enums import JobStatus, Visibility
from app.core.ids import new_id
from app.db.roles import ENGINE_ROLE
from app.repositories.claims import ANY_NUMBER, NEXT_OF_MODEL, ClaimedJob
from app.repositories.submissions import NewJob
from app.services.quotas import QuotaService, this_month
from app.services.unit_of_work import UnitsOfWork

LEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Person:
    organization_id: UUID
    user_id: UUID


class QueueBench:
    """Puts jobs in and takes them out. All of one shape unless said otherwise; their cost is `steps` × 4096."""

    def __init__(self, units: UnitsOfWork, owner: AsyncEngine) -> None:
        self.units = units
        self.owner = owner
        self.quotas = QuotaService(None)

    async def organization(self, users: int = 1, *, weight: float = 1.0) -> list[Person]:
        organization_id = new_id()
        people = [Person(organization_id, new_id()) for _ in range(users)]
        async with self.owner.begin() as connection:
            await connection.execute(
                text("INSERT INTO organizations (id, name) VALUES (:id, 'studio')"), {"id": organization_id}
            )
            await connection.execute(
                text("INSERT INTO users (id, name, email) VALUES (:id, 'someone', :email)"),
                [{"id": person.user_id, "email": f"{person.user_id}@example.com"} for person in people],
            )
            if weight != 1.0:
                await connection.execute(
                    text("INSERT INTO organization_shares (organization_id, weight, finish) VALUES (:id, :weight, 0)"),
                    {"id": organization_id, "weight": weight},
                )
        return people

    async def submit(self, person: Person, *, count: int = 1, **changes: Any) -> list[NewJob]:
        jobs = []
        async with self.units.tenant(person.organization_id, person.user_id) as unit:
            for _ in range(count):
                job = make_job(person, **changes)
                await unit.submissions.submit(job, deadline_seconds=3600, period=this_month())
                jobs.append(job)
        return jobs

    async def claim(self, **options: Any) -> list[ClaimedJob]:
        values: dict[str, Any] = {"models": ["plain"], "worker": "w", "lease_seconds": LEASE_SECONDS, **options}
        async with self.units.claims() as claims:
            return [job async for job in claims.claim(**values)]

    async def claim_one(self, **options: Any) -> ClaimedJob:
        (job,) = await self.claim(**options)
        return job

    async def finish(self, job: ClaimedJob, status: JobStatus = JobStatus.COMPLETED) -> bool:
        if status is JobStatus.COMPLETED:
            async with self.units.completions(job.organization_id) as completions:
                return await completions.complete(job, []) is not None
        async with self.units.tenant(job.organization_id) as unit:
            if await unit.jobs.finish_running(job.id, job.lease_token, status) is None:
                return False
            await self.quotas.refund(unit, await unit.jobs.get(job.id))
        return True

    async def cancel(self, person: Person, job_id: UUID) -> None:
        async with self.units.tenant(person.organization_id, person.user_id) as unit:
            job = await unit.jobs.get_own_locked(job_id, person.user_id)
            unit.jobs.finish_queued(job, JobStatus.CANCELED)
            await unit.shares.give_back(job)
            await self.quotas.refund(unit, job)

    async def place(self, job: NewJob) -> int:
        """Jobs ahead of this one."""
        async with self.units.outlooks() as outlooks:
            ahead, _ = await outlooks.ahead_of(job)
        return ahead

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What is really in the tables."""
        async with self.owner.begin() as connection:
            return list((await connection.execute(text(statement), values)).all())


def make_job(person: Person, **changes: Any) -> NewJob:
    values: dict[str, Any] = {
        "model": "plain",
        "width": 64,
        "height": 64,
        "steps": 1,
        "guidance": 3.0,
        "num_images": 1,
        "priority": 0,
        **changes,
    }
    shape = "|".join(str(values[name]) for name in ("model", "width", "height", "steps", "guidance"))
    return NewJob(
        organization_id=person.organization_id,
        id=new_id(),
        user_id=person.user_id,
        visibility=Visibility.PRIVATE,
        prompt="a red rocket",
        negative_prompt=None,
        seed=7,
        trace_id="0" * 32,
        batch_key=shape,
        cost=values["width"] * values["height"] * values["steps"] * values["num_images"],
        **values,
    )


FILLED_AT_ONCE = 20_000
_FILL = text("""
    INSERT INTO image_jobs (organization_id, id, user_id, status, visibility, prompt, model, width, height, steps,
        guidance, seed, num_images, cost, batch_key, organization_start, user_start, deadline_at, trace_id)
    SELECT md5('o' || n % 50)::uuid, gen_random_uuid(), md5('u' || n % 1000)::uuid, 'QUEUED', 'private',
        'a red rocket', 'plain', 64, 64, 1 + n % 4, 3.0, 7, 1, 4096 * (1 + n % 4), 'plain|' || n % 4,
        (n / 50)::bigint * 10240, (n / 1000)::bigint * 10240, now() + interval '1 day', repeat('0', 32)
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n
""")


async def fill_queue(owner: AsyncEngine, size: int) -> None:
    """The queue filled up to this many waiting jobs of 50 organisations with 20 users each, four shapes, analysed."""
    async with owner.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        await connection.execute(text("TRUNCATE image_jobs, organizations, users CASCADE"))
        await connection.execute(
            text("INSERT INTO organizations (id, name) SELECT md5('o' || n)::uuid, 'o' FROM generate_series(0, 49) n")
        )
        await connection.execute(
            text("INSERT INTO users (id, name) SELECT md5('u' || n)::uuid, 'u' FROM generate_series(0, 999) AS n")
        )
        for first in range(1, size + 1, FILLED_AT_ONCE):
            last = min(size, first + FILLED_AT_ONCE - 1)
            await connection.execute(_FILL, {"first": first, "last": last})
    async with owner.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None, "asyncpg's own connection"
        await raw.execute("SET statement_timeout = 0")
        await raw.execute("VACUUM ANALYZE image_jobs", timeout=1200)
        await raw.execute("RESET statement_timeout")


@dataclass(frozen=True)
class Plan:
    """Of one claim: `others` are accesses to the jobs that are no index scans, `rows_read` all rows that any took."""

    text: str
    milliseconds: float
    rows_read: int
    others: list[str]
    indexes: set[str]


async def explain_claim(owner: AsyncEngine, statement: str = NEXT_OF_MODEL, key: str = "plain") -> Plan:
    """Really claims, as the engine's role, and rolls back."""
    values = [new_id(), "w", LEASE_SECONDS, key, "plain", ANY_NUMBER, ["plain"]]
    if statement is NEXT_OF_MODEL:
        values.append(True)
    async with owner.connect() as connection:
        await connection.execute(text(f"SET LOCAL ROLE {ENGINE_ROLE}"))
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None, "asyncpg's own connection"
        rows = await driver.fetch(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", *values)
        lines = [str(row[0]) for row in rows]
        await connection.rollback()
    scans = [line for line in lines if " on image_jobs" in line and "Scan" in line]
    return Plan(
        text="\n".join(lines),
        milliseconds=float(next(line for line in lines if "Execution Time" in line).split()[2]),
        rows_read=sum(int(float(match)) for line in scans for match in re.findall(r"actual .*?rows=([\d.]+)", line)),
        others=[line.strip() for line in scans if "Index" not in line],
        indexes={match for line in scans for match in re.findall(r"using (\w+)", line)},
    )
