"""Files that no image names: what a worker wrote and could not record, and what a deletion could not remove.

The row decides: a file is written before its row and removed after it, so that a row never lacks its file. What is left
over in between is found here. Only a file older than the grace time is looked at: a younger one may still get its row.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from app.core import metrics
from app.core.logging import get_logger
from app.integrations.storage.protocol import Storage
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

LOOKED_UP_AT_ONCE = 500
# As WorkService names them. Whatever else lies in the storage belongs to somebody else, and stays.
_IMAGE_KEY = re.compile(r"(?P<organization>[0-9a-f-]{36})/images/(?P<job>[0-9a-f-]{36})/(?P<position>\d+)\.[a-z.]+")


@dataclass(frozen=True, slots=True)
class ImageFile:
    key: str
    organization_id: UUID
    job_id: UUID
    position: int


class OrphanService:
    def __init__(
        self,
        units: UnitsOfWork,
        storage: Storage,
        *,
        grace_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._units = units
        self._storage = storage
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._sweeping = False

    async def sweep(self) -> int:
        """Remove every orphan that is past its grace time; returns how many. A sweep that is under way is enough."""
        if self._sweeping:
            return 0
        self._sweeping = True
        try:
            removed = await self._storage.remove_unfinished(self._grace_seconds)
            chunk: list[ImageFile] = []
            async for entry in self._storage.entries(""):
                file = parse_key(entry.key)
                if file is None or entry.modified > self._clock() - self._grace_seconds:
                    continue
                chunk.append(file)
                if len(chunk) == LOOKED_UP_AT_ONCE:
                    removed += await self._remove_orphans(chunk)
                    chunk = []
            removed += await self._remove_orphans(chunk)
        finally:
            self._sweeping = False
        if removed:
            metrics.ORPHANS_REMOVED.inc(removed)
            log.info("orphans_removed", files=removed)
        return removed

    async def _remove_orphans(self, files: list[ImageFile]) -> int:
        removed = 0
        for organization_id, theirs in _by_organization(files).items():
            job_ids = {file.job_id for file in theirs}
            async with self._units.tenant(organization_id) as unit:
                # Asked first: a job that ends in between has its rows by the time of the second question.
                unfinished = await unit.jobs.open_among(job_ids)
                kept = await unit.images.places_of(job_ids)
            for file in theirs:
                if file.job_id not in unfinished and (file.job_id, file.position) not in kept:
                    await self._storage.delete(file.key)
                    removed += 1
        return removed


def parse_key(key: str) -> ImageFile | None:
    match = _IMAGE_KEY.fullmatch(key)
    if match is None:
        return None
    try:
        return ImageFile(key, UUID(match["organization"]), UUID(match["job"]), int(match["position"]))
    except ValueError:
        return None


def _by_organization(files: Iterable[ImageFile]) -> dict[UUID, list[ImageFile]]:
    grouped: dict[UUID, list[ImageFile]] = defaultdict(list)
    for file in files:
        grouped[file.organization_id].append(file)
    return grouped
