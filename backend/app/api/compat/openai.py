"""The OpenAI Images API: what its clients send to `/v1` ends in the same service as `/api/v1/generate`."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from app.api.compat.openai_errors import openai_error
from app.api.deps import AnyPrincipal, JobsWriter, ServicesDep, SettingsDep, TraceId
from app.api.problems import STATUS_OF
from app.api.v1.generate import IdempotencyKey
from app.core.enums import JobStatus
from app.core.errors import (
    DeadlinePassed,
    EaselError,
    GenerationCanceled,
    GenerationFailed,
    ModelUnavailable,
    NotFound,
)
from app.core.security import Principal
from app.engine.conversion import bytes_of_data_url, convert
from app.schemas.jobs import JobOut
from app.schemas.models import ModelOut
from app.schemas.openai import (
    OpenAIError,
    OpenAIImage,
    OpenAIImageRequest,
    OpenAIImages,
    OpenAIModel,
    OpenAIModelList,
    OpenAIStreamEvent,
    Quality,
)
from app.services.container import Services
from app.services.waiting import Wait

OWNER = "easel"
DEFAULT_COMPRESSION = 90
ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": OpenAIError, "description": "What went wrong, in OpenAI's shape."}
}

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=ERRORS)


@router.post(
    "/images/generations",
    response_model=OpenAIImages,
    responses={
        200: {
            "description": "The images; with `stream` the events `image_generation.partial_image` and "
            "`image_generation.completed`, one of the latter for each image.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def openai_generate_images(
    body: OpenAIImageRequest,
    request: Request,
    principal: JobsWriter,
    services: ServicesDep,
    settings: SettingsDep,
    trace_id: TraceId,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make images and wait for them. Who hangs up before cancels the job, unless an Idempotency-Key was sent."""
    model = await services.models.get(body.model)
    asked = body.for_easel(steps=body.steps or steps_for(body.quality, model))
    async with AsyncExitStack() as stack:
        wait = await stack.enter_async_context(
            services.waiting.ask(principal, asked, trace_id=trace_id, idempotency_key=idempotency_key)
        )
        headers = {"Location": f"/api/v1/status/{wait.job.job_id}"}
        answer = _Answer(body, wait, services, principal, settings.public_url)
        if body.stream:
            # The stream holds the line now, and lets go of it however it ends.
            return StreamingResponse(
                answer.events(stack.pop_all()),
                media_type="text/event-stream",
                headers={**headers, "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
            )
        async for _ in wait.news():
            if await request.is_disconnected():
                raise GenerationCanceled("The line was hung up before the images were made.")
        images = await answer.images()
        return JSONResponse(images.model_dump(exclude_none=True), headers=headers)


@router.get("/models")
async def openai_list_models(_: AnyPrincipal, services: ServicesDep) -> OpenAIModelList:
    """The models of this studio, the default first."""
    return OpenAIModelList(data=[_model(each.id) for each in (await services.models.list()).items])


@router.get("/models/{model_id:path}")
async def openai_get_model(model_id: str, _: AnyPrincipal, services: ServicesDep) -> OpenAIModel:
    """One model."""
    known = [each.id for each in (await services.models.list()).items]
    if model_id not in known:
        raise NotFound(f"There is no such model here. Choose one of: {', '.join(known)}.", code="model_not_found")
    return _model(model_id)


def steps_for(quality: Quality | None, model: ModelOut) -> int | None:
    """None is the model's own. What `low` and `high` lead to stays within what the model takes."""
    usual, limits = model.defaults.steps, model.limits
    match quality:
        case "low":
            return max(limits.min_steps, usual // 2)
        case "high" | "hd":
            return min(limits.max_steps, usual * 2)
        case _:
            return None


class _Answer:
    """How one request is answered, whole or as a stream."""

    def __init__(
        self, body: OpenAIImageRequest, wait: Wait, services: Services, principal: Principal, public_url: str
    ) -> None:
        self._body = body
        self._wait = wait
        self._services = services
        self._principal = principal
        self._public_url = public_url
        self._quality: Quality = body.quality or "auto"

    async def images(self) -> OpenAIImages:
        """Of a job that has ended. Raises why there are none."""
        job = _require_images(self._wait.job)
        if self._body.response_format == "url":
            data = [OpenAIImage(url=self._absolute(each.url), seed=each.seed) for each in job.images]
        else:
            contents = [await self._as_asked(file) for file in await self._files(job)]
            data = [
                OpenAIImage(b64_json=content, seed=each.seed)
                for content, each in zip(contents, job.images, strict=True)
            ]
        return OpenAIImages(
            created=_seconds(job),
            output_format=self._body.file_format,
            quality=self._quality,
            size=self._size,
            data=data,
        )

    async def events(self, line: AsyncExitStack) -> AsyncIterator[bytes]:
        async with line:
            try:
                async for event in self._partial_images():
                    yield event
                job = _require_images(self._wait.job)
                for file in await self._files(job):
                    yield self._event("image_generation.completed", await self._as_asked(file))
            except EaselError as error:
                content = openai_error(STATUS_OF[type(error)], code=error.code, detail=error.detail)
                yield b"event: error\ndata: " + orjson.dumps({"type": "error", **content}) + b"\n\n"

    async def _partial_images(self) -> AsyncIterator[bytes]:
        """Previews at even distances; fewer when the job is faster than its previews."""
        wanted, sent = self._body.partial_images or 0, 0
        async for news in self._wait.news():
            if news is None:
                yield b": still here\n\n"
            elif sent < wanted and news.preview and news.progress >= (sent + 1) / (wanted + 1):
                preview = await self._as_asked(bytes_of_data_url(news.preview))
                yield self._event("image_generation.partial_image", preview, index=sent)
                sent += 1

    def _event(self, kind: Any, content: str, *, index: int | None = None) -> bytes:
        event = OpenAIStreamEvent(
            type=kind,
            b64_json=content,
            created_at=_seconds(self._wait.job),
            output_format=self._body.file_format,
            quality=self._quality,
            size=self._size,
            partial_image_index=index,
        )
        return f"event: {kind}\ndata: {event.model_dump_json(exclude_none=True)}\n\n".encode()

    async def _files(self, job: JobOut) -> list[bytes]:
        return await self._services.images.read_all(self._principal, [each.id for each in job.images])

    async def _as_asked(self, file: bytes) -> str:
        quality = self._body.output_compression
        return await asyncio.to_thread(
            _encode, file, self._body.file_format, DEFAULT_COMPRESSION if quality is None else quality
        )

    def _absolute(self, url: str) -> str:
        return url if "://" in url else self._public_url + url

    @property
    def _size(self) -> str:
        return f"{self._wait.job.params.width}x{self._wait.job.params.height}"


def _encode(file: bytes, file_format: Any, quality: int) -> str:
    return base64.b64encode(convert(file, file_format, quality)).decode("ascii")


def _require_images(job: JobOut) -> JobOut:
    if job.status is JobStatus.COMPLETED:
        return job
    if job.status is JobStatus.CANCELED or job.error is None:
        raise GenerationCanceled("The job was canceled before its images were made.")
    match job.error.code:
        case DeadlinePassed.code:
            raise DeadlinePassed
        case ModelUnavailable.code:
            raise ModelUnavailable(job.error.detail)
        case code:
            raise GenerationFailed(job.error.detail, code=code)


def _seconds(job: JobOut) -> int:
    return int((job.finished_at or job.created_at).timestamp())


def _model(model_id: str) -> OpenAIModel:
    return OpenAIModel(id=model_id, created=0, owned_by=OWNER)
