"""Live events of the caller's jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.api.deps import JobsReader, ServicesDep
from app.api.responses import problems
from app.core import metrics
from app.core.logging import get_logger
from app.core.security import Principal
from app.services.container import Services
from app.services.streams import StreamSlot

router = APIRouter(tags=["events"])

log = get_logger(__name__)

RECONNECT_MS = 1000
PATIENCE_SECONDS = 20.0
"""Longer than between two heartbeats, so that every stream shows within one of them whether anybody reads it."""


class EventStreamResponse(StreamingResponse):
    """Gives its slot back when the client is gone, even one that left before the first line was read.

    Drops a reader that takes nothing for `PATIENCE_SECONDS`: it reconnects and resumes from its last event. Without
    this, the stream would wait for it for ever, and what it holds with it.
    """

    media_type = "text/event-stream"

    slot: StreamSlot  # no parameter: FastAPI reads the constructor of a response class, and expects its own

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.slot.release()

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await send(message)

        lines: Any = self.body_iterator
        try:
            await super().stream_response(send_in_time)
        except TimeoutError:
            log.info("event_stream_dropped", reason="reader_stopped")
        finally:
            await lines.aclose()


@router.get(
    "/events",
    response_class=EventStreamResponse,
    responses={
        200: {
            "description": "Server-sent events: `job.queued`, `job.started`, `job.progress`, `job.completed`, "
            "`job.failed`, `job.canceled`, whose data is a JobEvent; `export.progress`, `export.completed`, "
            "`export.failed`, whose data is an ExportOut.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **problems(401, 403),
    },
)
async def stream_events(
    principal: JobsReader,
    services: ServicesDep,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
) -> EventStreamResponse:
    """All events of your jobs. After a break send `Last-Event-ID` (browsers do) to miss nothing."""
    slot = services.events.take_slot(principal)
    answer = EventStreamResponse(
        _lines(services, principal, last_event_id),
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )
    answer.slot = slot
    return answer


async def _lines(services: Services, principal: Principal, last_event_id: str | None) -> AsyncGenerator[bytes, None]:
    """The wire form of WHATWG HTML, section 9.2. Comments keep proxies from closing a silent stream."""
    with metrics.EVENT_STREAMS.track_inprogress():
        yield f"retry: {RECONNECT_MS}\n: connected\n\n".encode()
        async for event in services.events.stream(principal, last_event_id):
            if event is None:
                yield b": still here\n\n"
                continue
            identifier = f"id: {event.id}\n" if event.id else ""
            yield f"{identifier}event: {event.type.value}\ndata: {event.data}\n\n".encode()
