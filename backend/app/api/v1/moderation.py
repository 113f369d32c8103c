"""Moderation, for those who manage an organisation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from app.api.deps import OrganizationManager, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.core.enums import Verdict
from app.schemas.moderation import (
    ModerationDecisionPage,
    ModerationRuleList,
    ModerationRuleOut,
    ModerationRulePatch,
    NewModerationRule,
    OutputCheckIn,
    OutputCheckOut,
    PromptToTry,
    TriedPrompt,
)

router = APIRouter(prefix="/admin/moderation", tags=["administration"])


@router.get("/rules", responses=problems(401, 403))
async def list_moderation_rules(principal: OrganizationManager, services: ServicesDep) -> ModerationRuleList:
    """The rules that every prompt is held against, oldest first."""
    return await services.moderation.list_rules(principal)


@router.post("/rules", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409, 422))
async def create_moderation_rule(
    body: NewModerationRule, principal: OrganizationManager, services: ServicesDep
) -> ModerationRuleOut:
    """Block or flag prompts with these words, or that match this expression. It counts within five seconds."""
    return await services.moderation.add_rule(principal, body)


@router.patch("/rules/{rule_id}", responses=problems(401, 403, 404, 422))
async def update_moderation_rule(
    rule_id: UUID, body: ModerationRulePatch, principal: OrganizationManager, services: ServicesDep
) -> ModerationRuleOut:
    """Change a rule in place. It counts within five seconds, and until then the rule holds as it was."""
    return await services.moderation.change_rule(principal, rule_id, body)


@router.delete("/rules/{rule_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def delete_moderation_rule(rule_id: UUID, principal: OrganizationManager, services: ServicesDep) -> None:
    await services.moderation.remove_rule(principal, rule_id)


@router.post("/try", responses=problems(401, 403, 422))
async def try_moderation_rules(body: PromptToTry, principal: OrganizationManager, services: ServicesDep) -> TriedPrompt:
    """What the rules would say of a prompt. Nothing is made and nothing is written down."""
    return await services.moderation.try_prompt(principal, body.prompt)


@router.get("/decisions", responses=problems(401, 403, 422))
async def list_moderation_decisions(
    principal: OrganizationManager,
    services: ServicesDep,
    verdict: Annotated[Verdict | None, Query(description="“flagged” or “blocked”.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ModerationDecisionPage:
    """What was flagged or blocked, newest first."""
    return await services.moderation.decisions(principal, verdict, cursor=cursor, limit=limit)


@router.get("/output-check", responses=problems(401, 403))
async def get_output_check(principal: OrganizationManager, services: ServicesDep) -> OutputCheckOut:
    """The endpoint that looks at pictures before anybody sees them."""
    return await services.moderation.output_check(principal)


@router.put("/output-check", responses=problems(401, 403, 422, 502))
async def set_output_check(
    body: OutputCheckIn, principal: OrganizationManager, services: ServicesDep
) -> OutputCheckOut:
    """Have an endpoint of yours look at pictures. It has to be a public https:// address."""
    return await services.moderation.set_output_check(principal, body)


@router.delete("/output-check", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403))
async def delete_output_check(principal: OrganizationManager, services: ServicesDep) -> None:
    await services.moderation.forget_output_check(principal)
