"""What an organisation does not want made, and what was said of the prompts and pictures of its members."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import ModerationStage, RuleAction, RuleKind, Verdict, WhenAway
from app.db.base import Base
from app.models.columns import word_of


class ModerationRule(Base):
    __tablename__ = "moderation_rules"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[RuleKind] = mapped_column(word_of(RuleKind))
    pattern: Mapped[str]
    action: Mapped[RuleAction] = mapped_column(word_of(RuleAction))
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ModerationDecision(Base):
    """Only what was flagged or blocked. A prompt that was blocked never became a job: it is kept here.

    `job_id` is no foreign key: a decision outlives its job.
    """

    __tablename__ = "moderation_decisions"
    __table_args__ = (Index("ix_moderation_decisions_newest", "organization_id", text("id DESC")),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    stage: Mapped[ModerationStage] = mapped_column(word_of(ModerationStage))
    verdict: Mapped[Verdict] = mapped_column(word_of(Verdict))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    job_id: Mapped[UUID | None]
    prompt: Mapped[str]
    reason: Mapped[str]


class OutputCheck(Base):
    """The endpoint that looks at an organisation's pictures before anybody else does."""

    __tablename__ = "output_checks"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str]
    when_away: Mapped[WhenAway] = mapped_column(word_of(WhenAway))
