"""Mails: posting one (as a request), and sending those that wait (as the upkeep). Times are the database's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Mail

KEPT = timedelta(days=30)
"""For so long one can see that a mail was sent, and when."""


class MailRepository:
    """A request may post mails, and read none."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def post(
        self, *, mail_id: UUID, kind: str, recipient: str | None, sealed_content: bytes, useful_for: timedelta
    ) -> None:
        # Not through the session: that would read the row back.
        await self._session.execute(
            insert(Mail).values(
                id=mail_id,
                kind=kind,
                recipient=recipient,
                sealed_content=sealed_content,
                useful_until=func.now() + useful_for,
                due_at=func.now(),
            )
        )


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """`attempts` counts this one. `late`: its use is over."""

    id: UUID
    kind: str
    recipient: str
    sealed_content: bytes
    attempts: int
    late: bool


class MailQueueRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, limit: int, *, lease: timedelta) -> list[WaitingMail]:
        """The longest due; nobody else gets them for the time of the lease."""
        await self._session.execute(delete(Mail).where(Mail.recipient.is_(None)))
        waiting = (
            select(Mail.id)
            .where(Mail.due_at <= func.now())
            .order_by(Mail.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = await self._session.execute(
            update(Mail)
            .where(Mail.id.in_(waiting))
            .values(due_at=func.now() + lease, attempts=Mail.attempts + 1)
            .returning(
                Mail.id,
                Mail.kind,
                Mail.recipient,
                Mail.sealed_content,
                Mail.attempts,
                (Mail.useful_until < func.now()).label("late"),
            )
            .execution_options(synchronize_session=False)
        )
        return [
            WaitingMail(id_, kind, recipient, content, attempts, late)
            for id_, kind, recipient, content, attempts, late in rows.all()
            if recipient is not None and content is not None
        ]

    async def sent(self, mail_id: UUID) -> None:
        await self._end(mail_id, sent_at=func.now(), error=None)

    async def give_up(self, mail_id: UUID, *, error: str) -> None:
        await self._end(mail_id, failed_at=func.now(), error=error)

    async def try_later(self, mail_id: UUID, delay: timedelta, *, error: str) -> None:
        await self._session.execute(
            update(Mail).where(Mail.id == mail_id).values(due_at=func.now() + delay, error=error)
        )

    async def forget_old(self) -> None:
        await self._session.execute(delete(Mail).where(Mail.due_at.is_(None), Mail.created_at < func.now() - KEPT))

    async def _end(self, mail_id: UUID, **values: object) -> None:
        await self._session.execute(
            update(Mail).where(Mail.id == mail_id).values(due_at=None, sealed_content=None, **values)
        )
