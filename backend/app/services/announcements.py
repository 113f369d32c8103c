"""Telling a job's owner how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from app.core.enums import EventType, JobStatus
from app.integrations.events import EventBus
from app.models import Image, ImageJob
from app.repositories.claims import ClaimedJob
from app.repositories.completions import NewImage
from app.repositories.submissions import NewJob
from app.schemas.jobs import JobOut
from app.services.job_views import JobViews

EVENT_OF_STATUS = {
    JobStatus.QUEUED: EventType.JOB_QUEUED,
    JobStatus.RUNNING: EventType.JOB_STARTED,
    JobStatus.COMPLETED: EventType.JOB_COMPLETED,
    JobStatus.FAILED: EventType.JOB_FAILED,
    JobStatus.CANCELED: EventType.JOB_CANCELED,
}


def job_channel(organization_id: UUID, user_id: UUID) -> str:
    return f"{organization_id}:{user_id}"


def event_data(view: JobOut) -> str:
    """A `JobEvent` that carries the whole job, as JSON."""
    event = {
        "job_id": str(view.job_id),  # the driver has a type of its own for them
        "status": view.status,
        "progress": view.progress,
        "queue_position": view.queue_position,
        "eta_seconds": view.eta_seconds,
        "stage": view.stage,
        "preview": None,
        "job": orjson.Fragment(view.as_json),
    }
    return orjson.dumps(event).decode()


class JobAnnouncer:
    def __init__(self, views: JobViews, bus: EventBus) -> None:
        self._views = views
        self._bus = bus

    async def announce(self, job: ImageJob | ClaimedJob, images: Sequence[Image | NewImage]) -> JobOut:
        """Publish the event that belongs to the job's status, and return the job as people see it."""
        view = await self._views.view(job, images)
        await self.publish(job.organization_id, job.user_id, EVENT_OF_STATUS[view.status], event_data(view))
        return view

    async def announce_new(self, job: NewJob) -> JobOut:
        """The same for a job that was accepted just now, with its place in the queue unless that is asked too often."""
        view = self._views.show(job, [], await self._views.outlook_if_calm(job))
        await self.publish(job.organization_id, job.user_id, EventType.JOB_QUEUED, event_data(view))
        return view

    async def publish(self, organization_id: UUID, user_id: UUID, kind: EventType, data: str) -> None:
        await self._bus.publish(job_channel(organization_id, user_id), kind, data)
