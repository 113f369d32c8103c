"""Live events of the caller's jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from app.api.deps import JobsReader, ServicesDep
from app.api.responses import problems
from app.core import metrics
from app.core.security import Principal
from app.services.container import Services

router = APIRouter(tags=["events"])

RECONNECT_MS = 1000


class EventStreamResponse(StreamingResponse):
    media_type = "text/event-stream"


@router.get(
    "/events",
    response_class=EventStreamResponse,
    responses={
        200: {
            "description": "Server-sent events: `job.queued`, `job.started`, `job.progress`, `job.completed`, "
            "`job.failed`, `job.canceled`. The data of each is a JobEvent.",
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
    return EventStreamResponse(
        _lines(services, principal, last_event_id),
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


async def _lines(services: Services, principal: Principal, last_event_id: str | None) -> AsyncIterator[bytes]:
    """The wire form of WHATWG HTML, section 9.2. Comments keep proxies from closing a silent stream."""
    with metrics.EVENT_STREAMS.track_inprogress():
        yield f"retry: {RECONNECT_MS}\n: connected\n\n".encode()
        async for event in services.events.stream(principal, last_event_id):
            if event is None:
                yield b": still here\n\n"
                continue
            identifier = f"id: {event.id}\n" if event.id else ""
            yield f"{identifier}event: {event.type.value}\ndata: {event.data}\n\n".encode()
