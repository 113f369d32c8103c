"""Moderation: what an organisation does not want made. One policy, met by every way to a job.

A job can only be enqueued with an `Admission`, and only `judge` gives one. What is allowed leaves no trace; what is
flagged or blocked is written down for those who manage the organisation, and audited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from PIL import Image as PillowImage

from app.core.enums import AuditAction, ModerationStage, RuleAction, Verdict, WhenAway
from app.core.errors import AddressRefused, EaselError, FieldError, InvalidInput, UpstreamFailed
from app.core.ids import new_id
from app.core.keys import derive_key
from app.core.logging import get_logger
from app.core.security import Origin, Principal
from app.engine.imaging import encode_for_check
from app.integrations.output_check import OutputChecker, PicturesVerdict
from app.models import ImageJob, ModerationDecision
from app.repositories.claims import ClaimedJob
from app.repositories.submissions import NewJob
from app.services.prompt_rules import Rule, compile_rules, matches
from app.services.unit_of_work import TenantUnit, UnitsOfWork
from app.utils.expiring import Expiring

log = get_logger(__name__)

KNOWN_SECONDS = 5.0
"""A changed rule counts after so long in other processes, and at once in the one that changed it."""
KNOWN_ORGANIZATIONS = 10_000


@dataclass(frozen=True, slots=True)
class Admission:
    """A prompt was judged and may become a job of `principal`'s doing; `flagged_by` are the patterns that it met."""

    principal: Principal
    flagged_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Check:
    url: str
    when_away: WhenAway


class ModerationService:
    def __init__(self, units: UnitsOfWork, checker: OutputChecker, *, secret: bytes) -> None:
        self._units = units
        self._checker = checker
        self._secret = secret
        self._rules: Expiring[UUID, tuple[Rule, ...]] = Expiring(seconds=KNOWN_SECONDS, most=KNOWN_ORGANIZATIONS)
        self._checks: Expiring[UUID, tuple[_Check, ...]] = Expiring(seconds=KNOWN_SECONDS, most=KNOWN_ORGANIZATIONS)
        """Empty for an organisation that has none."""

    async def judge(self, principal: Principal, job: ImageJob | NewJob) -> Admission:
        """Before the job's transaction. Raises `InvalidInput` (`prompt_blocked`), once that is written down."""
        found = tuple(matches(await self.rules_of(job.organization_id), job.prompt))
        blocked_by = _patterns(found, RuleAction.BLOCK)
        if not blocked_by:
            return Admission(principal, _patterns(found, RuleAction.FLAG))
        log.info("prompt_blocked", user_id=str(job.user_id))
        async with self._units.tenant(job.organization_id, principal.user_id) as unit:
            decision = _decision(job, Verdict.BLOCKED, ModerationStage.PROMPT, ", ".join(blocked_by))
            decision.job_id = None  # there will be none
            unit.moderation.add(decision)
            await unit.tell(AuditAction.PROMPT_BLOCKED, principal, after={"decision": str(decision.id)})
        raise prompt_blocked()

    async def write_down(self, unit: TenantUnit, job: NewJob, admission: Admission) -> None:
        """In the job's own transaction: what was flagged about it."""
        if admission.flagged_by:
            reason = ", ".join(admission.flagged_by)
            decision = _decision(job, Verdict.FLAGGED, ModerationStage.PROMPT, reason)
            unit.moderation.add(decision)
            await unit.tell(
                AuditAction.PROMPT_FLAGGED,
                admission.principal,
                target=f"job:{job.id}",
                after={"decision": str(decision.id)},
            )

    async def judge_pictures(self, job: ClaimedJob, pictures: Sequence[PillowImage.Image]) -> None:
        """Before anybody sees them. Raises `EaselError` when they may not be kept."""
        check = await self._check_of(job.organization_id)
        if check is None:
            return
        small = [await asyncio.to_thread(encode_for_check, picture) for picture in pictures]
        try:
            said = await self._checker.look(
                check.url, self.signing_secret(job.organization_id), job_id=job.id, prompt=job.prompt, pictures=small
            )
        except (UpstreamFailed, AddressRefused) as error:
            log.warning("output_check_failed", code=error.code, reason=error.detail)
            if check.when_away is WhenAway.ALLOW:
                return
            raise EaselError(
                "What has to look at your organisation's pictures does not answer, so they were not kept. Nothing was "
                "charged. Try again later, and tell those who manage the organisation.",
                code="output_check_failed",
            ) from error
        if said.verdict is not Verdict.ALLOWED:
            await self._write_down_pictures(job, said)

    def signing_secret(self, organization_id: UUID) -> bytes:
        """What an organisation's output check is asked with; derived, so that it is kept nowhere."""
        return derive_key(self._secret, f"output check of {organization_id}")

    async def rules_of(self, organization_id: UUID) -> tuple[Rule, ...]:
        rules = self._rules.find(organization_id)
        if rules is None:
            async with self._units.tenant(organization_id) as unit:
                rules = compile_rules(await unit.moderation.rules())
            self._rules.keep(organization_id, rules)
        return rules

    def forget(self, organization_id: UUID) -> None:
        """Something changed: look again."""
        self._rules.forget(organization_id)
        self._checks.forget(organization_id)

    async def _check_of(self, organization_id: UUID) -> _Check | None:
        checks = self._checks.find(organization_id)
        if checks is None:
            async with self._units.tenant(organization_id) as unit:
                row = await unit.moderation.find_output_check()
            checks = () if row is None else (_Check(row.url, row.when_away),)
            self._checks.keep(organization_id, checks)
        return next(iter(checks), None)

    async def _write_down_pictures(self, job: ClaimedJob, said: PicturesVerdict) -> None:
        blocked = said.verdict is Verdict.BLOCKED
        async with self._units.tenant(job.organization_id, job.user_id) as unit:
            decision = _decision(job, said.verdict, ModerationStage.OUTPUT, said.reason)
            unit.moderation.add(decision)
            await unit.audit.write(
                AuditAction.OUTPUT_BLOCKED if blocked else AuditAction.OUTPUT_FLAGGED,
                organization_id=job.organization_id,
                actor_id=job.user_id,
                origin=Origin(trace_id=job.trace_id),
                target=f"job:{job.id}",
                after={"decision": str(decision.id)},
            )
        if blocked:
            raise EaselError(
                "These pictures go against the rules of your organisation and were not kept. Nothing was charged.",
                code="output_blocked",
            )


def prompt_blocked() -> InvalidInput:
    """Says that it was refused, not by which rule: that would teach how to get around it."""
    code, detail = (
        "prompt_blocked",
        "This prompt goes against the rules of your organisation, and nothing was charged. Change it, or ask those who "
        "manage the organisation.",
    )
    return InvalidInput(detail, (FieldError("/prompt", code, detail),), code=code)


def _patterns(rules: Sequence[Rule], action: RuleAction) -> tuple[str, ...]:
    return tuple(rule.pattern for rule in rules if rule.action is action)


def _decision(
    job: ImageJob | NewJob | ClaimedJob, verdict: Verdict, stage: ModerationStage, reason: str
) -> ModerationDecision:
    return ModerationDecision(
        organization_id=job.organization_id,
        id=new_id(),
        stage=stage,
        verdict=verdict,
        user_id=job.user_id,
        job_id=job.id,
        prompt=job.prompt,
        reason=reason,
    )
