"""Progress of a batch, told beside the work itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from app.core.enums import EventType
from app.core.ids import new_id
from app.engine.protocol import Progress
from app.repositories.claims import ClaimedJob
from app.schemas.jobs import JobEvent
from app.services.announcements import JobAnnouncer
from app.services.runs import ProgressTeller, Run


@dataclass
class Told:
    progress: list[float] = field(default_factory=list)

    async def publish(self, organization_id: UUID, user_id: UUID, kind: EventType, data: str) -> None:
        self.progress.append(JobEvent.model_validate_json(data).progress)


def run_of_one_image() -> Run:
    job: Any = SimpleNamespace(id=new_id(), organization_id=new_id(), user_id=new_id(), num_images=1)
    run = Run(cast("ClaimedJob", job))
    run.announced.set()
    return run


async def test_an_engine_in_the_event_loop_may_tell_its_last_step_at_the_very_end() -> None:
    told, run = Told(), run_of_one_image()
    async with asyncio.timeout(5), ProgressTeller(cast("JobAnnouncer", told)).tell([run]) as tell:
        tell(Progress(1, 2))
        await asyncio.sleep(0.05)
        tell(Progress(2, 2))
    assert told.progress[0] == 0.5
    assert run.progress == 1.0


async def test_an_engine_in_a_thread_is_heard_too() -> None:
    told, run = Told(), run_of_one_image()
    async with asyncio.timeout(5), ProgressTeller(cast("JobAnnouncer", told)).tell([run]) as tell:
        await asyncio.to_thread(tell, Progress(1, 2))
        await asyncio.sleep(0.05)
    assert told.progress == [0.5]
