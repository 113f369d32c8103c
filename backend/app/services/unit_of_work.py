"""One use case, one unit of work, one transaction. Opened and committed here, by services, and nowhere else.

Each kind of unit takes on a database role and says whose rows it is about, in one statement at the start of its
transaction. Both end with the transaction, so that a pooled connection never keeps the last organisation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.enums import AuditAction
from app.core.errors import Unavailable
from app.core.security import Principal
from app.db.roles import APP_ROLE, ENGINE_ROLE
from app.repositories.audit import AuditRepository
from app.repositories.images import ImageRepository
from app.repositories.jobs import JobRepository
from app.repositories.keys import ApiKeyRepository, CredentialRepository
from app.repositories.queue import QueueRepository
from app.repositories.quotas import QuotaRepository
from app.repositories.shares import ShareRepository
from app.repositories.users import OrganizationRepository, SessionRepository, UserRepository

_BEGIN = text(
    "SELECT set_config('role', :role, true), set_config('app.organization_id', :organization_id, true), "
    "set_config('app.user_id', :user_id, true)"
)
# SQLSTATE classes that mean "the server is away or going away", not "the statement is wrong".
_AWAY_CLASSES = ("08", "57P", "53")


class IdentityUnit:
    """Accounts and sessions; of organisations only those that `user_id` belongs to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.users = UserRepository(session)
        self.sessions = SessionRepository(session)
        self.organizations = OrganizationRepository(session)
        self.credentials = CredentialRepository(session)
        self.audit = AuditRepository(session)

    async def flush(self) -> None:
        await self._session.flush()


class TenantUnit(IdentityUnit):
    """One organisation's rows."""

    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        super().__init__(session)
        self._organization_id = organization_id
        self.jobs = JobRepository(session, organization_id)
        self.images = ImageRepository(session, organization_id)
        self.quotas = QuotaRepository(session, organization_id)
        self.shares = ShareRepository(session, organization_id)
        self.keys = ApiKeyRepository(session, organization_id)

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
            organization_id=self._organization_id,
            actor_id=principal.user_id,
            actor_key_id=principal.key_id,
            origin=principal.origin,
            target=target,
            before=before,
            after=after,
        )


class QueueUnit:
    """The jobs of all organisations, and nothing else."""

    def __init__(self, session: AsyncSession) -> None:
        self.queue = QueueRepository(session)


class UnitsOfWork:
    """Opens units. Leaving the block commits; an exception rolls back. A database that is away is `Unavailable`."""

    def __init__(self, engine: AsyncEngine) -> None:
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
        try:
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
        except (PoolTimeout, OSError, TimeoutError) as error:
            raise _away() from error
        except DBAPIError as error:
            if is_away(error):
                raise _away() from error
            raise


def is_away(error: DBAPIError) -> bool:
    """Whether trying again later may help: the connection broke or the server refuses, rather than the statement."""
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")
    return state.startswith(_AWAY_CLASSES)


def _away() -> Unavailable:
    return Unavailable(
        "The database does not answer at the moment. Try again in a few seconds.", code="database_unavailable"
    )
