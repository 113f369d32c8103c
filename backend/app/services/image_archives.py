"""An archive of images that somebody chose."""

from __future__ import annotations

from app.core.clock import utc_now
from app.integrations.storage.protocol import Storage
from app.models import Export
from app.services.archives import ArchivePart, Packed
from app.services.images import file_name
from app.services.unit_of_work import UnitsOfWork


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
        part = ArchivePart(export.size_bytes, utc_now())
        for image_id in wanted:
            if (image := images.get(image_id)) is None:
                part.skip()
                continue
            name = f"{export.done + part.done + 1:04d}-{file_name(image.prompt, image.seed)}"
            await part.add_file(self._storage, image, name)
            if part.is_full:
                break
        return part.finish()
