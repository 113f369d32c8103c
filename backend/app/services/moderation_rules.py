"""For those who manage an organisation: its moderation rules, its output check, and what was decided by them."""

from __future__ import annotations

from uuid import UUID

from app.core.enums import AuditAction, RuleAction, Verdict
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.security import Principal
from app.integrations.outbound import OutboundClient
from app.integrations.output_check import written
from app.models import ModerationRule, OutputCheck
from app.schemas.moderation import (
    ModerationDecisionOut,
    ModerationDecisionPage,
    ModerationRuleList,
    ModerationRuleOut,
    ModerationRulePatch,
    NewModerationRule,
    OutputCheckIn,
    OutputCheckOut,
    TriedPrompt,
)
from app.services.cursors import decode_cursor, encode_cursor
from app.services.moderation import ModerationService
from app.services.prompt_rules import compile_rules, make_matcher, matches
from app.services.unit_of_work import UnitsOfWork

MAX_RULES = 200
"""Of an organisation. Each is tried on every prompt."""


class ModerationRuleService:
    def __init__(self, units: UnitsOfWork, moderation: ModerationService, outbound: OutboundClient) -> None:
        self._units = units
        self._moderation = moderation
        self._outbound = outbound

    async def list_rules(self, principal: Principal) -> ModerationRuleList:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rules = await unit.moderation.rules()
        return ModerationRuleList(items=[ModerationRuleOut.model_validate(rule) for rule in rules])

    async def add_rule(self, principal: Principal, new: NewModerationRule) -> ModerationRuleOut:
        """Raises `InvalidInput` for a pattern that can't be, `Conflict` when there are too many."""
        make_matcher(new.kind, new.pattern)
        rule = ModerationRule(organization_id=principal.organization_id, id=new_id(), **new.model_dump())
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            if await unit.moderation.count_rules() >= MAX_RULES:
                raise Conflict(f"There are {MAX_RULES} rules already. Take one away first.", code="too_many_rules")
            unit.moderation.add(rule)
            await unit.flush()
            await unit.tell(
                AuditAction.MODERATION_RULE_CREATED,
                principal,
                target=f"rule:{rule.id}",
                after=new.model_dump(mode="json"),
            )
        self._moderation.forget(principal.organization_id)
        return ModerationRuleOut.model_validate(rule)

    async def change_rule(self, principal: Principal, rule_id: UUID, patch: ModerationRulePatch) -> ModerationRuleOut:
        """Raises `InvalidInput` for a pattern that can't be; what changes nothing is not written down."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rule = await unit.moderation.get_locked(rule_id)
            before = _facts(rule)
            for field, value in patch.model_dump(exclude_none=True).items():
                setattr(rule, field, value)
            make_matcher(rule.kind, rule.pattern)
            after = _facts(rule)
            changed = [field for field in after if after[field] != before[field]]
            if changed:
                await unit.tell(
                    AuditAction.MODERATION_RULE_CHANGED,
                    principal,
                    target=f"rule:{rule_id}",
                    before={field: before[field] for field in changed},
                    after={field: after[field] for field in changed},
                )
        self._moderation.forget(principal.organization_id)
        return ModerationRuleOut.model_validate(rule)

    async def remove_rule(self, principal: Principal, rule_id: UUID) -> None:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rule = await unit.moderation.take_away(rule_id)
            await unit.tell(
                AuditAction.MODERATION_RULE_DELETED, principal, target=f"rule:{rule_id}", before=_facts(rule)
            )
        self._moderation.forget(principal.organization_id)

    async def try_prompt(self, principal: Principal, prompt: str) -> TriedPrompt:
        """What the rules would say. Nothing is written down."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rules = await unit.moderation.rules()
        found = {rule.id for rule in matches(compile_rules(rules), prompt)}
        met = [ModerationRuleOut.model_validate(rule) for rule in rules if rule.id in found]
        if any(rule.action is RuleAction.BLOCK for rule in met):
            verdict = Verdict.BLOCKED
        else:
            verdict = Verdict.FLAGGED if met else Verdict.ALLOWED
        return TriedPrompt(verdict=verdict, rules=met)

    async def decisions(
        self, principal: Principal, verdict: Verdict | None, *, cursor: str | None, limit: int
    ) -> ModerationDecisionPage:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rows = await unit.moderation.decisions(verdict, before_id=decode_cursor(cursor), limit=limit + 1)
        more, rows = len(rows) > limit, rows[:limit]
        return ModerationDecisionPage(
            items=[
                ModerationDecisionOut(
                    id=decision.id,
                    at=decision.at,
                    stage=decision.stage,
                    verdict=decision.verdict,
                    user_id=decision.user_id,
                    user_name=name,
                    job_id=decision.job_id,
                    prompt=decision.prompt,
                    reason=decision.reason,
                )
                for decision, name in rows
            ],
            next_cursor=encode_cursor(rows[-1][0].id) if more else None,
        )

    async def output_check(self, principal: Principal) -> OutputCheckOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            check = await unit.moderation.find_output_check()
        secret = written(self._moderation.signing_secret(principal.organization_id))
        if check is None:
            return OutputCheckOut(url=None, when_away=None, secret=secret)
        return OutputCheckOut(url=check.url, when_away=check.when_away, secret=secret)

    async def set_output_check(self, principal: Principal, wanted: OutputCheckIn) -> OutputCheckOut:
        """Raises `AddressRefused` and `UpstreamFailed` for a URL that is not asked."""
        await self._outbound.check(wanted.url)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            check = await unit.moderation.find_output_check()
            before = None if check is None else {"url": check.url, "when_away": check.when_away.value}
            if check is None:
                check = OutputCheck(organization_id=principal.organization_id, url=wanted.url)
                unit.moderation.add(check)
            check.url, check.when_away = wanted.url, wanted.when_away
            await unit.flush()
            after = wanted.model_dump(mode="json")
            await unit.tell(AuditAction.OUTPUT_CHECK_CHANGED, principal, before=before, after=after)
        self._moderation.forget(principal.organization_id)
        return await self.output_check(principal)

    async def forget_output_check(self, principal: Principal) -> None:
        """Asking twice changes nothing."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            check = await unit.moderation.find_output_check()
            if check is not None:
                await unit.moderation.forget_output_check()
                before = {"url": check.url, "when_away": check.when_away.value}
                await unit.tell(AuditAction.OUTPUT_CHECK_CHANGED, principal, before=before)
        self._moderation.forget(principal.organization_id)


def _facts(rule: ModerationRule) -> dict[str, str]:
    """As the audit log tells them."""
    return {"kind": rule.kind.value, "pattern": rule.pattern, "action": rule.action.value, "note": rule.note}
