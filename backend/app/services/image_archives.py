"""An archive of images that somebody chose."""

from __future__ import annotations

import asyncio

from app.core.errors import NotFound
from app.integrations.storage.protocol import Storage
from app.models import Export, Image
from app.services.archives import PART_BYTES, Packed
from app.services.images import file_name
from app.services.unit_of_work import UnitsOfWork
from app.utils.zip_parts import PartWriter


class ImageArchive:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, part_images: int) -> None:
        self._units = units
        self._storage = storage
        self._part_images = part_images

    async def pack(self, export: Export) -> Packed | None:
        """As many of the next images as a part takes."""
        wanted = export.image_ids[export.done : export.done + self._part_images]
        if not wanted:
            return None
        async with self._units.tenant(export.organization_id, export.user_id) as unit:
            images = await unit.images.visible_among(wanted, export.user_id)
        writer, done, skipped = PartWriter(export.size_bytes), 0, 0
        for image_id in wanted:
            image = images.get(image_id)
            content = None if image is None else await self._read(image)
            done += 1
            if image is None or content is None:
                skipped += 1
                continue
            name = f"{export.done + done:04d}-{file_name(image.prompt, image.seed)}"
            await asyncio.to_thread(writer.add, name, content, image.created_at)
            if writer.size >= PART_BYTES:
                break
        return Packed(writer.finish(), done, skipped)

    async def _read(self, image: Image) -> bytes | None:
        try:
            return await self._storage.get(image.storage_key)
        except NotFound:
            return None
