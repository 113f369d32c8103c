"""Moderation: the rules of an organisation, and what was said by them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.enums import ModerationStage, RuleAction, RuleKind, Verdict, WhenAway
from app.schemas.base import STORABLE, Input, Output, Page, Timestamp
from app.schemas.jobs import PROMPT_BOUND


class NewModerationRule(Input):
    kind: RuleKind = Field(
        default=RuleKind.WORDS,
        description="“words”: a word or several in a row, found as whole words in any spelling (lookalike letters, "
        "accents, spelt out, digits for letters). “regex”: a regular expression as RE2 takes it. Case never counts.",
    )
    pattern: Annotated[str, Field(min_length=1, max_length=500), STORABLE]
    action: RuleAction = Field(description="“block” refuses the prompt; “flag” lets it pass and shows it to you.")
    note: Annotated[str, Field(max_length=500, description="For yourselves: why."), STORABLE] = ""


class ModerationRulePatch(Input):
    """Only what is given changes."""

    kind: RuleKind | None = None
    pattern: Annotated[str, Field(min_length=1, max_length=500), STORABLE] | None = None
    action: RuleAction | None = None
    note: Annotated[str, Field(max_length=500), STORABLE] | None = None


class ModerationRuleOut(Output):
    id: UUID
    kind: RuleKind
    pattern: str
    action: RuleAction
    note: str
    created_at: Timestamp


class ModerationRuleList(Output):
    items: list[ModerationRuleOut]


class PromptToTry(Input):
    prompt: Annotated[str, Field(min_length=1, max_length=PROMPT_BOUND), STORABLE]


class TriedPrompt(Output):
    verdict: Verdict
    rules: list[ModerationRuleOut] = Field(description="Those that match.")


class ModerationDecisionOut(Output):
    id: UUID
    at: Timestamp
    stage: ModerationStage = Field(description="Whether the prompt or the pictures gave cause.")
    verdict: Verdict
    user_id: UUID
    user_name: str
    job_id: UUID | None = Field(description="null: the prompt was blocked and never became a job.")
    prompt: str
    reason: str


class ModerationDecisionPage(Page):
    items: list[ModerationDecisionOut]


class OutputCheckIn(Input):
    url: Annotated[str, Field(min_length=1, max_length=2000), STORABLE] = Field(
        description="Gets the pictures by POST before anybody sees them, signed as Standard Webhooks has it."
    )
    when_away: WhenAway = Field(description="What becomes of pictures when it does not answer.")


class OutputCheckOut(Output):
    url: str | None = Field(description="null: nothing looks at the pictures.")
    when_away: WhenAway | None
    secret: str = Field(description="`whsec_…`: what its requests are signed with.")
