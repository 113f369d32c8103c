"""Jobs: ask for images, look how far they are, cancel, ask again."""

from __future__ import annotations

import hashlib
import random
import secrets
from dataclasses import dataclass
from uuid import UUID

import orjson

from app.core import metrics
from app.core.enums import JobStatus
from app.core.errors import Conflict, InvalidInput
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.security import Principal
from app.engine.catalog import ModelCatalog
from app.engine.validation import ResolvedParameters, resolve_parameters
from app.models import ImageJob
from app.repositories.submissions import KeyUse, NewJob, RecordedKey
from app.schemas.jobs import GenerateRequest, JobOut, JobPage
from app.services.announcements import JobAnnouncer
from app.services.cursors import decode_cursor, encode_cursor
from app.services.job_views import JobViews
from app.services.moderation import Admission, ModerationService
from app.services.quotas import QuotaService, this_month
from app.services.unit_of_work import SubmissionUnit, TenantUnit, UnitsOfWork
from app.services.wake_ups import WakeUps

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Submitted:
    """`replayed`: the idempotency key was known, and this is the job that it made."""

    job: JobOut
    replayed: bool


class _KeyKnown(Exception):
    """Rolls the transaction back: another request with the same key was first."""

    def __init__(self, known: RecordedKey, body_hash: bytes) -> None:
        super().__init__()
        self.known = known
        self.body_hash = body_hash


class JobService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        catalog: ModelCatalog,
        quotas: QuotaService,
        views: JobViews,
        announcer: JobAnnouncer,
        moderation: ModerationService,
        wake_ups: WakeUps,
        max_prompt_chars: int,
        deadline_seconds: float,
    ) -> None:
        self._units = units
        self._catalog = catalog
        self._quotas = quotas
        self._views = views
        self._announcer = announcer
        self._moderation = moderation
        self._wake_ups = wake_ups
        self._max_prompt_chars = max_prompt_chars
        self._deadline_seconds = deadline_seconds

    async def submit(
        self, principal: Principal, request: GenerateRequest, *, trace_id: str, idempotency_key: str | None = None
    ) -> Submitted:
        """Accept a job: its row and its quota in one transaction, and only then a wake-up.

        Raises `InvalidInput` (the model can't do that, the prompt is blocked), `QuotaExceeded`, `Conflict` (too many).
        """
        self._check_prompts(request)
        job = self._new_job(principal.organization_id, principal.user_id, request, trace_id)
        admission = await self.admit(principal, job)
        key = None if idempotency_key is None else KeyUse(idempotency_key, hash_body(request))
        # What is flagged is written down beside the job, which is more than the short way can do.
        new_unit = self._units.tenant if admission.flagged_by else self._units.submission
        try:
            async with new_unit(principal.organization_id, principal.user_id) as unit:
                await self.enqueue(unit, job, admission, deadline_seconds=request.deadline_seconds, key=key)
        except _KeyKnown as collision:
            return await self._replay(principal, collision.known, collision.body_hash)
        return Submitted(await self.accepted(job), replayed=False)

    async def admit(self, principal: Principal, job: ImageJob | NewJob) -> Admission:
        """Before a unit is opened: what `enqueue` wants to see. Raises `InvalidInput` when the prompt is blocked."""
        return await self._moderation.judge(principal, job)

    async def enqueue(
        self,
        unit: TenantUnit | SubmissionUnit,
        job: NewJob,
        admission: Admission,
        *,
        deadline_seconds: float | None = None,
        key: KeyUse | None = None,
    ) -> None:
        """Give a new job its turn and reserve its cost. `accepted` is due once the unit has committed."""
        period = this_month()
        outcome = await unit.submissions.submit(
            job,
            deadline_seconds=deadline_seconds or self._deadline_seconds,
            period=period,
            default_monthly=self._quotas.default_monthly,
            open_limit=self._quotas.max_open_per_user,
            key=key,
        )
        if key is not None and not outcome.key_is_new:
            known = await unit.submissions.find_key(job.user_id, key.key)
            assert known is not None, "the key's row was in the way"
            raise _KeyKnown(known, key.body_hash)
        await self._quotas.require_room(unit.submissions, job, outcome, period)
        if isinstance(unit, TenantUnit):
            await self._moderation.write_down(unit, job, admission)

    async def accepted(self, job: NewJob) -> JobOut:
        """What follows the commit, and may fail without harm."""
        self._wake_ups.wake(job.model)
        metrics.JOBS_ACCEPTED.labels(job.model).inc()
        log.info("job_accepted", job_id=str(job.id), model=job.model, cost=job.cost)
        return await self._announcer.announce_new(job)

    async def get(self, principal: Principal, job_id: UUID) -> JobOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            job = await unit.jobs.get_visible(job_id, principal.user_id)
            images = await unit.images.of_jobs([job.id])
        return await self._views.view(job, images[job.id])

    async def page(self, principal: Principal, *, status: JobStatus | None, cursor: str | None, limit: int) -> JobPage:
        """The caller's own jobs, newest first."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            jobs = await unit.jobs.page(principal.user_id, status=status, before=decode_cursor(cursor), limit=limit + 1)
            more, jobs = len(jobs) > limit, jobs[:limit]
            images = await unit.images.of_jobs([job.id for job in jobs])
        return JobPage(
            items=[await self._views.view(job, images[job.id]) for job in jobs],
            next_cursor=encode_cursor(jobs[-1].id) if more else None,
        )

    async def cancel(self, principal: Principal, job_id: UUID) -> JobOut:
        """End a waiting job now; ask the worker of a running one to stop. Twice, or too late, changes nothing."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            job = await unit.jobs.get_own_locked(job_id, principal.user_id)
            ended_here = job.status is JobStatus.QUEUED
            if ended_here:
                unit.jobs.finish_queued(job, JobStatus.CANCELED)
                await unit.shares.give_back(job)
                await self._quotas.refund(unit, job)
            elif job.status is JobStatus.RUNNING:
                await unit.jobs.request_cancel(job.id)
        log.info("job_cancel_asked", job_id=str(job_id), status=job.status.value)
        if not ended_here:
            return await self.get(principal, job_id)
        metrics.JOBS_FINISHED.labels(job.model, JobStatus.CANCELED.value).inc()
        return await self._announcer.announce(job, [])

    async def retry(self, principal: Principal, job_id: UUID, *, trace_id: str) -> JobOut:
        """A new job with the parameters of one that failed or was canceled. Raises `Conflict` for any other."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            job = await unit.jobs.get_own_locked(job_id, principal.user_id)
        if job.status not in {JobStatus.FAILED, JobStatus.CANCELED}:
            raise Conflict(
                f"Only a failed or canceled job can be retried; this one is {job.status.value}.", code="not_retryable"
            )
        again = self.copy_of(job, trace_id=trace_id)
        admission = await self.admit(principal, again)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await self.enqueue(unit, again, admission)
        return await self.accepted(again)

    def copy_of(self, job: ImageJob, *, trace_id: str) -> NewJob:
        """A new job of the same user with the same parameters. Raises `InvalidInput` when the model can't do them."""
        request = GenerateRequest(
            prompt=job.prompt,
            negative_prompt=job.negative_prompt,
            model=job.model,
            width=job.width,
            height=job.height,
            steps=job.steps,
            guidance=job.guidance,
            seed=job.seed,
            num_images=job.num_images,
            visibility=job.visibility,
            priority=job.priority,
        )
        return self._new_job(job.organization_id, job.user_id, request, trace_id)

    def _new_job(self, organization_id: UUID, user_id: UUID, request: GenerateRequest, trace_id: str) -> NewJob:
        model = self._catalog.get(request.model)
        asked = resolve_parameters(
            model,
            width=request.width,
            height=request.height,
            steps=request.steps,
            guidance=request.guidance,
            num_images=request.num_images,
            negative_prompt=request.negative_prompt,
        )
        return NewJob(
            organization_id=organization_id,
            id=new_id(),
            user_id=user_id,
            visibility=request.visibility,
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            model=model.id,
            width=asked.width,
            height=asked.height,
            steps=asked.steps,
            guidance=asked.guidance,
            seed=random.getrandbits(32) if request.seed is None else request.seed,
            num_images=asked.num_images,
            cost=asked.width * asked.height * asked.steps * asked.num_images,
            priority=request.priority,
            batch_key=batch_key(model.id, asked),
            trace_id=trace_id,
        )

    def _check_prompts(self, request: GenerateRequest) -> None:
        for pointer, words in (("/prompt", request.prompt), ("/negative_prompt", request.negative_prompt)):
            if words is not None and len(words) > self._max_prompt_chars:
                raise InvalidInput.for_field(
                    pointer,
                    "too_long",
                    f"This has {len(words)} characters; {self._max_prompt_chars} are allowed. Shorten it.",
                )

    async def _replay(self, principal: Principal, known: RecordedKey, body_hash: bytes) -> Submitted:
        if not secrets.compare_digest(known.body_hash, body_hash):
            raise InvalidInput(
                "This Idempotency-Key was used with another body. Use a new key for a new request.",
                code="idempotency_key_reused",
            )
        return Submitted(await self.get(principal, known.job_id), replayed=True)


def batch_key(model_id: str, asked: ResolvedParameters) -> str:
    """Equal for jobs whose images can be made in one forward pass."""
    return f"{model_id}|{asked.width}x{asked.height}|{asked.steps}|{asked.guidance!r}"


def hash_body(request: GenerateRequest) -> bytes:
    """SHA-256 of what was asked for, whatever its spacing or order was."""
    return hashlib.sha256(orjson.dumps(request.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)).digest()
