"""What is told of a job."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from asyncpg.pgproto.pgproto import UUID

from app.core.enums import JobStage, JobStatus, Visibility
from app.core.ids import new_id
from app.schemas.jobs import JobEvent, JobOut, JobParams
from app.services.announcements import event_data

JOB = JobOut(
    job_id=UUID(str(new_id())),  # as one that comes from the database
    status=JobStatus.RUNNING,
    progress=0.5,
    stage=JobStage.LOADING,
    queue_position=None,
    eta_seconds=1.5,
    prompt="a “red” rocket",
    negative_prompt=None,
    params=JobParams(model="plain", width=64, height=64, steps=4, guidance=3.0, seed=7, num_images=1),
    images=[],
    image_url=None,
    error=None,
    attempt=1,
    cost=0.02,
    visibility=Visibility.PRIVATE,
    created_at=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
    started_at=None,
    finished_at=None,
)


def test_an_event_is_what_its_schema_says_and_carries_the_whole_job() -> None:
    data = event_data(JOB)
    event = JobEvent(
        job_id=JOB.job_id,
        status=JOB.status,
        progress=JOB.progress,
        queue_position=JOB.queue_position,
        eta_seconds=JOB.eta_seconds,
        stage=JOB.stage,
        job=JOB,
    )
    assert data == event.model_dump_json()
    assert orjson.loads(data)["job"]["created_at"] == "2026-01-02T03:04:05.678Z"
