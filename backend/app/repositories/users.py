"""Users, their sessions and their memberships."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Role
from app.core.errors import NotFound
from app.models import (
    AccountToken,
    ExternalIdentity,
    Membership,
    Organization,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
    Session,
    User,
)

# Serialises the very first registrations. The number is arbitrary, and Easel's own.
_FIRST_ACCOUNT_LOCK = 7_305_119_265


class UserRepository:
    """People. Not tenant-scoped: an account exists before an organisation is chosen."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, user: User) -> None:
        self._session.add(user)

    async def get(self, user_id: UUID) -> User:
        user = await self._session.get(User, user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return user

    async def get_locked(self, user_id: UUID) -> User:
        user = await self._session.get(User, user_id, with_for_update={"key_share": True})
        if user is None:
            raise NotFound("There is no such user.")
        return user

    async def find_by_email(self, email: str) -> User | None:
        return await self._session.scalar(select(User).where(User.email == email))

    async def lock_first_account(self) -> None:
        """Until this transaction ends, nobody else decides who is first."""
        await self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FIRST_ACCOUNT_LOCK})

    async def anyone_claimed(self) -> bool:
        """Whether there is an account, other than ones that were deleted."""
        claimed = select(User.id).where(User.claimed_at.is_not(None), User.deleted_at.is_(None))
        return bool(await self._session.scalar(select(claimed.exists())))

    async def find_unclaimed(self) -> User | None:
        """The operator as whom the command line works before anyone has registered."""
        return await self._session.scalar(select(User).where(User.claimed_at.is_(None)).order_by(User.id).limit(1))

    async def find_first_claimed(self) -> User | None:
        return await self._session.scalar(
            select(User)
            .where(User.claimed_at.is_not(None), User.disabled_at.is_(None), User.deletion_due_at.is_(None))
            .order_by(User.claimed_at)
            .limit(1)
        )

    async def due_for_deletion(self, now: datetime) -> list[UUID]:
        rows = await self._session.scalars(
            select(User.id).where(User.deletion_due_at <= now).order_by(User.deletion_due_at, User.id)
        )
        return list(rows.all())

    async def forget(self, user: User, name: str, now: datetime) -> None:
        """Everything by which the person signs in or is known. The row stays, under another name."""
        for table in (Session, ExternalIdentity, RecoveryCode, SecondFactor, AccountToken):
            await self._session.execute(delete(table).where(table.user_id == user.id))
        user.email = user.password_hash = user.email_verified_at = user.language = None
        user.name, user.deletion_due_at, user.disabled_at, user.deleted_at = name, None, now, now


class OrganizationRepository:
    """Organisations and memberships, as far as row-level security lets this transaction see them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, organization: Organization, owner: User) -> None:
        self._session.add(organization)
        await self._session.flush()  # first: the unit of work does not order rows by their foreign keys
        self._session.add(Membership(organization_id=organization.id, user_id=owner.id, role=Role.OWNER))

    async def get(self, organization_id: UUID) -> Organization:
        organization = await self._session.get(Organization, organization_id)
        if organization is None:
            raise NotFound("There is no such organisation.")
        return organization

    async def memberships_of(self, user_id: UUID) -> list[tuple[Organization, Role]]:
        """Oldest first."""
        rows = await self._session.execute(
            select(Organization, Membership.role)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Membership.user_id == user_id)
            .order_by(Membership.created_at, Organization.id)
        )
        return [(organization, role) for organization, role in rows.all()]

    async def lock_all_of(self, user_id: UUID) -> list[Organization]:
        """Those that the person belongs to, as `MemberRepository.lock_organization` locks one.

        By id: two of these never wait in a circle.
        """
        theirs = select(Membership.organization_id).where(Membership.user_id == user_id)
        rows = await self._session.scalars(
            select(Organization)
            .where(Organization.id.in_(theirs))
            .order_by(Organization.id)
            .with_for_update(key_share=True)
        )
        return list(rows.all())

    async def find_home_id(self, user_id: UUID) -> UUID | None:
        """The organisation that somebody joined first: what befalls the account itself is told in its audit log."""
        memberships = await self.memberships_of(user_id)
        return memberships[0][0].id if memberships else None


class SessionRepository:
    """Sign-ins and their refresh tokens."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, session: Session) -> None:
        self._session.add(session)

    def add_token(self, token: RefreshToken) -> None:
        self._session.add(token)

    async def find(self, session_id: UUID) -> Session | None:
        return await self._session.get(Session, session_id)

    async def find_standing(self, session_id: UUID, organization_id: UUID) -> Role | None:
        """The role of the session's user in the organisation; None when the session is ended, expired or switched to
        another organisation, the user disabled or no longer a member."""
        return await self._session.scalar(
            select(Membership.role)
            .join(Session, Session.user_id == Membership.user_id)
            .join(User, User.id == Session.user_id)
            .where(
                Session.id == session_id,
                Session.organization_id == organization_id,
                Membership.organization_id == organization_id,
                Session.revoked_at.is_(None),
                Session.expires_at > func.now(),
                User.disabled_at.is_(None),
            )
        )

    async def lock_token(self, token_hash: bytes) -> tuple[RefreshToken, Session] | None:
        """The token and its session, locked: of two that come at once, the second waits and sees what the first did."""
        row = (
            await self._session.execute(
                select(RefreshToken, Session)
                .join(Session, Session.id == RefreshToken.session_id)
                .where(RefreshToken.token_hash == token_hash)
                .with_for_update()
            )
        ).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def list_open(self, user_id: UUID, *, used_since: datetime) -> list[Session]:
        """Neither ended nor expired, last used first."""
        rows = await self._session.scalars(
            select(Session)
            .where(
                Session.user_id == user_id,
                Session.revoked_at.is_(None),
                Session.expires_at > func.now(),
                Session.last_used_at > used_since,
            )
            .order_by(Session.last_used_at.desc(), Session.id)
        )
        return list(rows.all())

    async def list_all(self, user_id: UUID) -> list[Session]:
        """Ended ones too, oldest first."""
        rows = await self._session.scalars(select(Session).where(Session.user_id == user_id).order_by(Session.id))
        return list(rows.all())

    async def get_open_locked(self, session_id: UUID, user_id: UUID) -> Session:
        session = await self._session.scalar(
            select(Session)
            .where(Session.id == session_id, Session.user_id == user_id, Session.revoked_at.is_(None))
            .with_for_update()
        )
        if session is None:
            raise NotFound("There is no such session.", code="session_not_found")
        return session

    async def revoke(self, session_id: UUID, *, because: str, now: datetime) -> None:
        await self._session.execute(
            update(Session)
            .where(Session.id == session_id, Session.revoked_at.is_(None))
            .values(revoked_at=now, revoked_because=because)
        )

    async def revoke_all(self, user_id: UUID, *, because: str, now: datetime, but: UUID | None = None) -> list[UUID]:
        """The ids of the sessions that this ended: all but `but`."""
        rows = await self._session.scalars(
            update(Session)
            .where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.id.is_distinct_from(but))
            .values(revoked_at=now, revoked_because=because)
            .returning(Session.id)
        )
        return list(rows.all())

    async def revoke_in(self, organization_id: UUID, user_id: UUID, *, because: str, now: datetime) -> list[UUID]:
        """End what the person has open in that organisation; the ids of the sessions that this ended."""
        rows = await self._session.scalars(
            update(Session)
            .where(Session.organization_id == organization_id, Session.user_id == user_id, Session.revoked_at.is_(None))
            .values(revoked_at=now, revoked_because=because)
            .returning(Session.id)
        )
        return list(rows.all())

    async def use_up_tokens(self, session_id: UUID, now: datetime) -> None:
        """From now on only a token that is added later refreshes the session."""
        await self._session.execute(
            update(RefreshToken)
            .where(RefreshToken.session_id == session_id, RefreshToken.used_at.is_(None))
            .values(used_at=now)
        )
