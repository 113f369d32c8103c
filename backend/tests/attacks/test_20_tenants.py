"""Attack 20, the database's side: row-level security holds by itself, whatever the code above it forgets.

The walk over all routes is in `tests/api/test_policy.py`, with the repositories' filters and without them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from uuid import UUID

import pytest
from asyncpg import InsufficientPrivilegeError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.config import Settings
from app.core.enums import Role
from app.core.ids import new_id
from app.db.base import Base
from app.db.driver_pool import DriverPool
from app.db.roles import APP_ROLE, ENGINE_ROLE
from app.db.session import make_driver_pool, make_engine, make_queue_pool
from app.services.unit_of_work import TenantUnit, UnitsOfWork
from tests.support.filters import without_filters
from tests.support.people import Member, bearer_of, make_member, make_organization
from tests.support.studio import Studio

# Rows of a person rather than of an organisation, read before one is chosen.
OF_PEOPLE = {"sessions"}
TENANT_TABLES = sorted(
    table.name
    for table in Base.metadata.sorted_tables
    if "organization_id" in table.columns and table.name not in OF_PEOPLE
)


async def fill(studio: Studio, name: str) -> Member:
    """An organisation with something in the tables that matter most."""
    owner = await make_organization(studio, name)
    http, headers = await studio.http(), await bearer_of(studio, owner)
    await make_member(studio, owner.organization_id, Role.MEMBER)
    job = {"prompt": f"of {name}", "visibility": "organization"}
    await http.post("/api/v1/generate", json=job, headers={**headers, "Idempotency-Key": name})
    await http.post("/api/v1/keys", json={"name": "a key", "scopes": ["jobs:read"]}, headers=headers)
    await http.post("/api/v1/invitations", json={"email": f"{name}@example.com"}, headers=headers)
    await studio.drain()
    return owner


async def organizations_seen(unit: TenantUnit, table: str) -> set[UUID]:
    column = "id" if table == "organizations" else "organization_id"
    return set(await unit._session.scalars(text(f"SELECT {column} FROM {table}")))


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_every_tenant_table_has_a_policy_by_organisation(owner_engine: AsyncEngine, table: str) -> None:
    async with owner_engine.begin() as connection:
        secured = await connection.scalar(
            text("SELECT relrowsecurity FROM pg_class WHERE oid = CAST(:table AS regclass)"), {"table": table}
        )
        policies = (
            await connection.execute(
                text("""
                    SELECT policyname, cmd, qual, with_check FROM pg_policies
                    WHERE tablename = :table AND (:role = ANY (roles) OR 'public' = ANY (roles))
                """),
                {"table": table, "role": APP_ROLE},
            )
        ).all()
    assert secured, "the table is open"
    assert policies, "nobody may read it, so nobody thought about it"
    for policy in policies:
        bound = ("app.organization_id", "app.credential", "app.user_id")
        if policy.cmd != "INSERT":
            assert any(setting in policy.qual for setting in bound), f"{policy.policyname} shows rows to everybody"
    assert any("app.organization_id" in (policy.qual or "") for policy in policies)


async def test_whatever_belongs_to_a_job_or_an_organisation_says_to_which(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        unsaid = await connection.scalars(
            text("""
                SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
                WHERE contype = 'f' AND confrelid IN ('organizations'::regclass, 'image_jobs'::regclass)
                    AND NOT EXISTS (
                        SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'organization_id'
                    )
            """)
        )
        assert list(unsaid) == []


async def test_the_roles_own_nothing_and_bypass_nothing(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        roles = (
            await connection.execute(
                text("""
                    SELECT rolname, rolsuper, rolbypassrls, rolcanlogin,
                        (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned
                    FROM pg_roles WHERE rolname = ANY (:roles)
                """),
                {"roles": [APP_ROLE, ENGINE_ROLE]},
            )
        ).all()
    assert {tuple(role) for role in roles} == {(name, False, False, False, 0) for name in (APP_ROLE, ENGINE_ROLE)}


async def test_a_query_without_the_setting_sees_nothing_and_with_it_no_stranger(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ours, theirs = await fill(studio, "ours"), await fill(studio, "theirs")
    both = {ours.organization_id, theirs.organization_id}
    filled = 0
    for table in [*TENANT_TABLES, "organizations"]:
        column = "id" if table == "organizations" else "organization_id"
        async with owner_engine.begin() as connection:
            kept = set(await connection.scalars(text(f"SELECT {column} FROM {table}"))) & both
            readable = await connection.scalar(
                text("SELECT has_table_privilege(CAST(:role AS name), CAST(:table AS text), 'SELECT')"),
                {"role": APP_ROLE, "table": table},
            )
        if not readable:
            continue  # read by a function of its owner only
        filled += kept == both
        async with studio.parts.units._transaction(APP_ROLE, None, None) as session:
            assert list(await session.scalars(text(f"SELECT {column} FROM {table}"))) == [], table
        async with studio.parts.units.tenant(ours.organization_id) as unit:
            assert await organizations_seen(unit, table) == kept - {theirs.organization_id}, table
    assert filled >= 10, "the tables were filled for both organisations"


async def test_nobody_writes_into_another_organisation(studio: Studio) -> None:
    ours, theirs = await fill(studio, "ours"), await fill(studio, "theirs")
    values = {"id": new_id(), "theirs": theirs.organization_id, "user": ours.user_id}
    for statement in (
        "INSERT INTO user_shares (organization_id, user_id, finish) VALUES (:theirs, :user, 0)",
        "INSERT INTO memberships (organization_id, user_id, role) VALUES (:theirs, :user, 'owner')",
        "INSERT INTO quota_accounts (organization_id, period_start) VALUES (:theirs, '2000-01-01')",
        "UPDATE image_jobs SET organization_id = :theirs",
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            async with studio.parts.units.tenant(ours.organization_id, ours.user_id) as unit:
                await unit._session.execute(text(statement), values)
    async with studio.parts.units.tenant(ours.organization_id, ours.user_id) as unit:
        changed = await unit._session.execute(
            text("UPDATE image_jobs SET prompt = 'ours now' WHERE organization_id = :theirs RETURNING id"), values
        )
        assert list(changed) == []


async def test_a_repository_that_forgets_its_filter_leaks_nothing(studio: Studio) -> None:
    ours, theirs = await fill(studio, "ours"), await fill(studio, "theirs")
    http, headers = await studio.http(), await bearer_of(studio, ours)
    with without_filters(studio) as changed:
        for path in (
            "/api/v1/images?visibility=organization",
            "/api/v1/jobs",
            "/api/v1/keys?everyones=true",
            "/api/v1/members",
            "/api/v1/invitations",
            "/api/v1/limits",
            "/api/v1/usage?everyones=true",
            "/api/v1/audit",
        ):
            answer = await http.get(path, headers=headers)
            assert answer.status_code == 200, path
            assert "theirs" not in answer.text, path
            assert str(theirs.user_id) not in answer.text, path
    assert len(changed) >= 8


@pytest.fixture
async def one_connection(settings: Settings, empty: None) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(settings.database_url, pool_size=1)
    yield engine
    await engine.dispose()


_REMEMBERED = """
    SELECT pg_backend_pid(), current_user = session_user, COALESCE(current_setting('app.organization_id', true), ''),
        COALESCE(current_setting('app.user_id', true), '')
"""


class OnASession:
    def __init__(self, engine: AsyncEngine, units: UnitsOfWork, drivers: DriverPool) -> None:
        self._engine, self._units = engine, units

    async def remembered(self) -> tuple[object, ...]:
        async with self._engine.connect() as connection:
            return tuple((await connection.execute(text(_REMEMBERED))).one())

    @asynccontextmanager
    async def open(self, organization_id: UUID) -> AsyncIterator[Callable[[str], Awaitable[object]]]:
        async with self._units.tenant(organization_id, new_id()) as unit:
            yield lambda statement: unit._session.scalar(text(statement))


class OnTheDriver:
    def __init__(self, engine: AsyncEngine, units: UnitsOfWork, drivers: DriverPool) -> None:
        self._units, self._drivers = units, drivers

    async def remembered(self) -> tuple[object, ...]:
        connection = await self._drivers.take()
        try:
            return tuple(await connection.fetchrow(_REMEMBERED))
        finally:
            self._drivers.give_back(connection)

    @asynccontextmanager
    async def open(self, organization_id: UUID) -> AsyncIterator[Callable[[str], Awaitable[object]]]:
        async with self._units.submission(organization_id, new_id()) as unit:
            connection = await unit.submissions._connect()
            yield connection.fetchval


@pytest.mark.parametrize("way", [OnASession, OnTheDriver])
async def test_a_pooled_connection_never_keeps_the_last_organisation(
    one_connection: AsyncEngine, way: type[OnASession | OnTheDriver]
) -> None:
    organization_id, backends = new_id(), set[object]()

    async def use(ending: str, opened: asyncio.Event) -> None:
        async with on.open(organization_id) as ask:
            assert await ask("SELECT current_setting('app.organization_id')") == str(organization_id)
            opened.set()
            if ending == "an error":
                raise LookupError
            if ending == "a wrong statement":
                await ask("SELECT 1 / 0")
            if ending == "a cancel":
                await asyncio.sleep(60)

    endings = ("a commit", "an error", "a wrong statement", "a cancel", "a commit")
    with (
        closing(make_driver_pool(one_connection, size=1)) as drivers,
        closing(make_queue_pool(one_connection)) as queue_drivers,
    ):
        on = way(one_connection, UnitsOfWork(one_connection, drivers, queue_drivers), drivers)
        for ending in endings:
            opened = asyncio.Event()
            task = asyncio.create_task(use(ending, opened))
            await opened.wait()
            if ending == "a cancel":
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled() == (ending == "a cancel")
            assert (task.cancelled() or task.exception() is None) == (ending in {"a commit", "a cancel"})
            backend, *left = await on.remembered()
            assert left == [True, "", ""], f"after {ending}"
            backends.add(backend)
    assert len(backends) <= 2, "it was the same connection, but for the one that was canceled"


async def test_the_connection_that_keeps_its_role_sees_queues_and_nothing_else(
    one_connection: AsyncEngine, studio: Studio
) -> None:
    await fill(studio, "ours")
    with closing(make_queue_pool(one_connection)) as queue_drivers:
        connection = await queue_drivers.take()
        assert await connection.fetchval("SELECT current_user") == ENGINE_ROLE
        for what in (
            "prompt FROM images",
            "name FROM users",
            "* FROM sessions",
            "* FROM api_keys",
            "* FROM audit_events",
        ):
            with pytest.raises(InsufficientPrivilegeError):
                await connection.fetchval(f"SELECT {what}")
        queue_drivers.give_back(connection)
