"""What a person sees live: their jobs' events, told once each, resumable, without a hole.

Redis carries events. When it has forgotten what came after a client's last event, PostgreSQL says how things stand now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from app.core.logging import get_logger
from app.core.security import Principal
from app.integrations.events import Event, EventBus, SlowReader
from app.schemas.jobs import JobOut
from app.services.announcements import EVENT_OF_STATUS, event_data, job_channel
from app.services.callers import CallerService
from app.services.job_views import JobViews
from app.services.streams import StreamSlot, StreamSlots
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

HEARTBEAT_SECONDS = 15.0
SNAPSHOT_JOBS = 50


class EventService:
    def __init__(
        self, bus: EventBus, units: UnitsOfWork, views: JobViews, callers: CallerService, slots: StreamSlots
    ) -> None:
        self._bus = bus
        self._slots = slots
        self._units = units
        self._views = views
        self._callers = callers

    def take_slot(self, principal: Principal) -> StreamSlot:
        """For one stream; whoever takes it releases it. Raises `RateLimited`, `Unavailable`."""
        return self._slots.take(principal)

    async def stream(self, principal: Principal, last_event_id: str | None) -> AsyncIterator[Event | None]:
        """Events of the caller's own jobs until the session ends or the reader is too slow; None is a heartbeat."""
        channel = job_channel(principal.organization_id, principal.user_id)
        async with self._bus.subscribe(channel) as inbox:
            last = last_event_id
            # Subscribed first, so nothing falls between what is replayed and what comes live.
            if last is not None:
                async for event in self._catch_up(principal, channel, last):
                    last = event.id or last
                    yield event
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        news = await inbox.get()
                except TimeoutError:
                    if not await self._callers.is_live(principal):
                        return
                    yield None
                    continue
                except SlowReader:
                    log.info("event_stream_dropped", reason="slow_reader")
                    return
                if news is None:  # Redis was away: something may have been missed
                    async for missed in self._catch_up(principal, channel, last):
                        last = missed.id or last
                        yield missed
                elif last is None or news.follows(last):
                    last = news.id
                    yield news

    async def _catch_up(self, principal: Principal, channel: str, last: str | None) -> AsyncIterator[Event]:
        missed = await self._bus.replay(channel, last) if last is not None else None
        if missed is not None:
            for event in missed:
                yield event
            return
        for view in await self._snapshot(principal):
            yield Event(id="", type=EVENT_OF_STATUS[view.status], data=event_data(view))

    async def _snapshot(self, principal: Principal) -> list[JobOut]:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            jobs = await unit.jobs.page(principal.user_id, status=None, before=None, limit=SNAPSHOT_JOBS)
            images = await unit.images.of_jobs([job.id for job in jobs])
        return [await self._views.view(job, images[job.id]) for job in reversed(jobs)]
