"""An organisation's moderation: its rules, its decisions, its output check."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Verdict
from app.core.errors import NotFound
from app.models import ModerationDecision, ModerationRule, OutputCheck, User


class ModerationRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, row: ModerationRule | ModerationDecision | OutputCheck) -> None:
        self._session.add(row)

    async def rules(self) -> list[ModerationRule]:
        """Oldest first."""
        query = select(ModerationRule).where(ModerationRule.organization_id == self._organization_id)
        return list(await self._session.scalars(query.order_by(ModerationRule.id)))

    async def count_rules(self) -> int:
        query = select(func.count()).where(ModerationRule.organization_id == self._organization_id)
        return await self._session.scalar(query) or 0

    async def get_locked(self, rule_id: UUID) -> ModerationRule:
        """Raises `NotFound`."""
        query = select(ModerationRule).where(
            ModerationRule.organization_id == self._organization_id, ModerationRule.id == rule_id
        )
        rule = await self._session.scalar(query.with_for_update())
        if rule is None:
            raise rule_not_found()
        return rule

    async def take_away(self, rule_id: UUID) -> ModerationRule:
        """Delete a rule and give it back. Raises `NotFound`."""
        statement = (
            delete(ModerationRule)
            .where(ModerationRule.organization_id == self._organization_id, ModerationRule.id == rule_id)
            .returning(ModerationRule)
        )
        rule = await self._session.scalar(statement)
        if rule is None:
            raise rule_not_found()
        return rule

    async def decisions(
        self, verdict: Verdict | None, *, before_id: UUID | None, limit: int
    ) -> list[tuple[ModerationDecision, str]]:
        """With the names of those who asked, newest first."""
        query = (
            select(ModerationDecision, User.name)
            .join(User, User.id == ModerationDecision.user_id)
            .where(ModerationDecision.organization_id == self._organization_id)
            .order_by(ModerationDecision.id.desc())
            .limit(limit)
        )
        if verdict is not None:
            query = query.where(ModerationDecision.verdict == verdict)
        if before_id is not None:
            query = query.where(ModerationDecision.id < before_id)
        return [(decision, name) for decision, name in (await self._session.execute(query)).all()]

    async def find_output_check(self) -> OutputCheck | None:
        return await self._session.get(OutputCheck, self._organization_id)

    async def forget_output_check(self) -> None:
        await self._session.execute(delete(OutputCheck).where(OutputCheck.organization_id == self._organization_id))


def rule_not_found() -> NotFound:
    return NotFound("There is no such rule.", code="rule_not_found")
