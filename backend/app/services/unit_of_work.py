"""One use case, one unit of work, one transaction. Opened and committed here, by services, and nowhere else.

Each kind of unit takes on a database role and says whose rows it is about, in one statement at the start of its
transaction. Both end with the transaction, so that a pooled connection never keeps the last organisation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any
from uuid import UUID

from asyncpg import Connection as DriverConnection
from asyncpg import InterfaceError as DriverError
from asyncpg import PostgresError
from asyncpg.exceptions import InternalClientError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.enums import AuditAction
from app.core.security import Principal
from app.db.driver_pool import DriverPool
from app.db.roles import APP_ROLE, ENGINE_ROLE
from app.db.session import make_driver_pool, make_queue_pool
from app.repositories.account_tokens import AccountTokenRepository
from app.repositories.audit import AuditRepository
from app.repositories.claims import ClaimRepository
from app.repositories.collections import CollectionRepository
from app.repositories.completions import CompletionRepository
from app.repositories.deletions import ClosingRepository, DeletionRepository
from app.repositories.exports import ExportQueueRepository, ExportRepository
from app.repositories.identities import IdentityRepository
from app.repositories.images import ImageRepository, TrashRepository
from app.repositories.invitations import InvitationRepository
from app.repositories.jobs import JobRepository
from app.repositories.keys import ApiKeyRepository, CredentialRepository
from app.repositories.mails import MailQueueRepository, MailRepository
from app.repositories.members import MemberRepository
from app.repositories.moderation import ModerationRepository
from app.repositories.organization_data import OrganizationDataRepository
from app.repositories.outlooks import OutlookRepository
from app.repositories.oversight import OversightRepository
from app.repositories.personal_data import PersonalDataRepository
from app.repositories.queue import QueueRepository
from app.repositories.quotas import QuotaRepository
from app.repositories.second_factors import SecondFactorRepository
from app.repositories.share_links import ShareLinkRepository
from app.repositories.shares import ShareRepository
from app.repositories.submissions import SubmissionRepository, lock_submissions
from app.repositories.users import OrganizationRepository, SessionRepository, UserRepository
from app.services.database_away import telling_when_away

_BEGIN = text(
    "SELECT set_config('role', :role, true), set_config('app.organization_id', :organization_id, true), "
    "set_config('app.user_id', :user_id, true)"
)


class IdentityUnit:
    """Accounts and sessions; of organisations only those that `user_id` belongs to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.users = UserRepository(session)
        self.sessions = SessionRepository(session)
        self.organizations = OrganizationRepository(session)
        self.credentials = CredentialRepository(session)
        self.account_tokens = AccountTokenRepository(session)
        self.identities = IdentityRepository(session)
        self.audit = AuditRepository(session)
        self.mails = MailRepository(session)
        self.second_factors = SecondFactorRepository(session)

    async def flush(self) -> None:
        await self._session.flush()


class TenantUnit(IdentityUnit):
    """One organisation's rows."""

    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        super().__init__(session)
        self.organization_id = organization_id
        self.jobs = JobRepository(session, organization_id)
        self.images = ImageRepository(session, organization_id)
        self.collections = CollectionRepository(session, organization_id)
        self.exports = ExportRepository(session, organization_id)
        self.share_links = ShareLinkRepository(session, organization_id)
        self.quotas = QuotaRepository(session, organization_id)
        self.shares = ShareRepository(session, organization_id)
        self.submissions = SubmissionRepository(self._driver, organization_id)
        self.keys = ApiKeyRepository(session, organization_id)
        self.deletions = DeletionRepository(session, organization_id)
        self.members = MemberRepository(session, organization_id)
        self.invitations = InvitationRepository(session, organization_id)
        self.oversight = OversightRepository(session, organization_id)
        self.personal_data = PersonalDataRepository(session, organization_id)
        self.organization_data = OrganizationDataRepository(session, organization_id)
        self.moderation = ModerationRepository(session, organization_id)

    async def _driver(self) -> DriverConnection:
        await self._session.flush()
        connection = await self._session.connection()
        return (await connection.get_raw_connection()).driver_connection

    async def tell(
        self,
        action: AuditAction,
        principal: Principal,
        *,
        target: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write to this organisation's audit log what `principal` does in this transaction."""
        await self.audit.write(
            action,
            organization_id=self.organization_id,
            actor_id=principal.user_id,
            actor_key_id=principal.key_id,
            origin=principal.origin,
            target=target,
            before=before,
            after=after,
        )


class SubmissionUnit:
    """One organisation's new jobs, and nothing else."""

    def __init__(self, connection: DriverConnection, organization_id: UUID) -> None:
        async def connect() -> DriverConnection:
            return connection

        self.submissions = SubmissionRepository(connect, organization_id, locked=True)


class QueueUnit:
    """The jobs of all organisations, mails that wait, exports, which images and organisations are to be deleted, and
    nothing else."""

    def __init__(self, session: AsyncSession) -> None:
        self.queue = QueueRepository(session)
        self.closing = ClosingRepository(session)
        self.mails = MailQueueRepository(session)
        self.trash = TrashRepository(session)
        self.exports = ExportQueueRepository(session)


@asynccontextmanager
async def open_units(engine: AsyncEngine, *, driver_connections: int) -> AsyncIterator[UnitsOfWork]:
    """Connects when the first unit is opened."""
    with (
        closing(make_driver_pool(engine, size=driver_connections)) as drivers,
        closing(make_queue_pool(engine)) as queue_drivers,
    ):
        yield UnitsOfWork(engine, drivers, queue_drivers)


class UnitsOfWork:
    """Opens units. Leaving the block commits; an exception rolls back. A database that is away is `Unavailable`."""

    def __init__(self, engine: AsyncEngine, drivers: DriverPool, queue_drivers: DriverPool) -> None:
        """The last one has the engine's role (see `make_queue_pool`)."""
        self._drivers = drivers
        self._queue_drivers = queue_drivers
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def identity(self, user_id: UUID | None = None) -> AsyncIterator[IdentityUnit]:
        async with self._transaction(APP_ROLE, None, user_id) as session:
            yield IdentityUnit(session)

    @asynccontextmanager
    async def tenant(self, organization_id: UUID, user_id: UUID | None = None) -> AsyncIterator[TenantUnit]:
        async with self._transaction(APP_ROLE, organization_id, user_id) as session:
            yield TenantUnit(session, organization_id)

    @asynccontextmanager
    async def submission(self, organization_id: UUID, user_id: UUID) -> AsyncIterator[SubmissionUnit]:
        """For the hot path: three round trips in all."""
        # Ids need no quoting.
        opening = (
            f"SET LOCAL ROLE {APP_ROLE}; SET LOCAL app.organization_id = '{organization_id}'; "
            f"SET LOCAL app.user_id = '{user_id}'; {lock_submissions(organization_id)}"
        )
        async with self._on_driver(opening) as connection:
            yield SubmissionUnit(connection, organization_id)

    @asynccontextmanager
    async def claims(self) -> AsyncIterator[ClaimRepository]:
        """For a worker that was woken: a job starts with the first round trip. Not a transaction: each claim is one."""
        async with self._without_transaction() as connection:
            yield ClaimRepository(connection)

    @asynccontextmanager
    async def outlooks(self) -> AsyncIterator[OutlookRepository]:
        """Not a transaction either: what it tells is over in moments."""
        async with self._without_transaction() as connection:
            yield OutlookRepository(connection)

    @asynccontextmanager
    async def completions(self, organization_id: UUID) -> AsyncIterator[CompletionRepository]:
        """For a worker that has made a job's images: three round trips in all."""
        opening = (
            f"SET LOCAL ROLE {APP_ROLE}; SET LOCAL app.organization_id = '{organization_id}'; "
            "SET LOCAL app.user_id = ''"
        )
        async with self._on_driver(opening) as connection:
            yield CompletionRepository(connection, organization_id)

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[QueueUnit]:
        async with self._transaction(ENGINE_ROLE, None, None) as session:
            yield QueueUnit(session)

    async def migration_revision(self) -> str | None:
        """The revision that the database is at; also proves that it answers."""
        async with self._transaction(APP_ROLE, None, None) as session:
            revision: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
            return revision

    @asynccontextmanager
    async def _transaction(
        self, role: str, organization_id: UUID | None, user_id: UUID | None
    ) -> AsyncIterator[AsyncSession]:
        with telling_when_away():
            async with self._sessions.begin() as session:
                await session.execute(
                    _BEGIN,
                    {
                        "role": role,
                        "organization_id": str(organization_id) if organization_id else "",
                        "user_id": str(user_id) if user_id else "",
                    },
                )
                yield session

    @asynccontextmanager
    async def _on_driver(self, opening: str) -> AsyncIterator[DriverConnection]:
        """A transaction of which nothing passes SQLAlchemy."""
        with telling_when_away():
            connection = await self._drivers.take()
            try:
                # Only a text without parameters may hold several statements.
                await connection.execute(f"BEGIN; {opening}")
                yield connection
                await connection.execute("COMMIT")
            except OSError:  # a timeout is one
                connection.terminate()
                raise
            except BaseException:
                await _roll_back(connection)
                raise
            finally:
                self._drivers.give_back(connection)

    @asynccontextmanager
    async def _without_transaction(self) -> AsyncIterator[DriverConnection]:
        """As the engine's role; each statement commits by itself."""
        with telling_when_away():
            connection = await self._queue_drivers.take()
            try:
                yield connection
            except BaseException:
                connection.terminate()
                raise
            finally:
                self._queue_drivers.give_back(connection)


async def _roll_back(connection: DriverConnection) -> None:
    """What can't be rolled back is closed, so that the pool never holds an open transaction."""
    try:
        await connection.execute("ROLLBACK")
    except BaseException as error:
        connection.terminate()
        if not isinstance(error, PostgresError | DriverError | InternalClientError | OSError | TimeoutError):
            raise
