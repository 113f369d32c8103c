"""Deleted images: kept for a while, so that deleting can be undone, then removed with their files."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from app.core import metrics
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.integrations.storage.protocol import Storage
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

REMOVED_AT_ONCE = 200


class TrashService:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, keep_seconds: float) -> None:
        self._units = units
        self._storage = storage
        self._keep_seconds = keep_seconds
        self._emptying = False

    async def empty(self) -> int:
        """Remove for good what was deleted long enough ago; returns how many images. One run at a time is enough.

        The row first: a file without a row is litter that the orphan sweep finds, a row without a file is a broken
        picture.
        """
        if self._emptying:
            return 0
        self._emptying = True
        removed = 0
        try:
            while expired := await self._expired():
                for organization_id, image_ids in _by_organization(expired).items():
                    removed += await self._remove(organization_id, image_ids)
                if len(expired) < REMOVED_AT_ONCE:
                    break
        finally:
            self._emptying = False
        if removed:
            metrics.IMAGES_REMOVED.inc(removed)
            log.info("trash_emptied", images=removed)
        return removed

    async def _expired(self) -> list[tuple[UUID, UUID]]:
        async with self._units.queue() as unit:
            return await unit.trash.expired(self._keep_seconds, REMOVED_AT_ONCE)

    async def _remove(self, organization_id: UUID, image_ids: list[UUID]) -> int:
        async with self._units.tenant(organization_id) as unit:
            removed = await unit.images.remove_deleted(image_ids, self._keep_seconds)
        for image in removed:
            for key in image.keys:
                try:
                    await self._storage.delete(key)
                except Unavailable:
                    log.warning("file_left_behind", key=key)
        return len(removed)


def _by_organization(rows: list[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = defaultdict(list)
    for organization_id, image_id in rows:
        grouped[organization_id].append(image_id)
    return grouped
