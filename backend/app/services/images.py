"""The gallery: find images, change what is said about them, delete them."""

from __future__ import annotations

from uuid import UUID

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.core.security import Principal
from app.integrations.storage.protocol import Storage
from app.models import Image
from app.repositories.images import ImageFilter
from app.schemas.images import ImageOut, ImagePage, ImagePatch
from app.services.cursors import decode_cursor, encode_cursor
from app.services.job_views import PNG, WEBP
from app.services.unit_of_work import UnitsOfWork

__all__ = ["ImageFilter", "ImageService"]

log = get_logger(__name__)


class ImageService:
    def __init__(self, units: UnitsOfWork, storage: Storage) -> None:
        self._units = units
        self._storage = storage

    async def page(self, principal: Principal, wanted: ImageFilter, *, cursor: str | None, limit: int) -> ImagePage:
        """Newest first: the caller's own images, or those shared in the organisation."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.images.page(principal.user_id, wanted, before_id=decode_cursor(cursor), limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        return ImagePage(
            items=[self._view(image, principal) for image in found],
            next_cursor=encode_cursor(found[-1].id) if more else None,
        )

    async def get(self, principal: Principal, image_id: UUID) -> ImageOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            return self._view(await unit.images.get_visible(image_id, principal.user_id), principal)

    async def file_url(self, principal: Principal, image_id: UUID, *, download: bool) -> str:
        """A signed URL; with `download` the browser saves the file under a name made of the prompt."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image = await unit.images.get_visible(image_id, principal.user_id)
        filename = file_name(image.prompt, image.seed) if download else None
        return self._storage.signed_url(image.storage_key, content_type=PNG, filename=filename)

    async def change(self, principal: Principal, image_id: UUID, patch: ImagePatch) -> ImageOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image = await unit.images.get_own_locked(image_id, principal.user_id)
            if patch.favorite is not None:
                image.favorite = patch.favorite
            if patch.visibility is not None:
                image.visibility = patch.visibility
            if patch.tags is not None:
                image.tags = list(dict.fromkeys(patch.tags))
        return self._view(image, principal)

    async def delete(self, principal: Principal, image_id: UUID) -> None:
        """The row first: a file without a row is litter that can be swept, a row without a file is a broken picture."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image = await unit.images.get_own_locked(image_id, principal.user_id)
            await unit.images.delete(image)
        for key in (image.storage_key, image.thumbnail_key):
            try:
                await self._storage.delete(key)
            except Unavailable:
                log.warning("file_left_behind", key=key)

    def _view(self, image: Image, principal: Principal) -> ImageOut:
        return ImageOut(
            id=image.id,
            job_id=image.job_id,
            url=self._storage.signed_url(image.storage_key, content_type=PNG),
            thumbnail_url=self._storage.signed_url(image.thumbnail_key, content_type=WEBP),
            width=image.width,
            height=image.height,
            size_bytes=image.size_bytes,
            seed=image.seed,
            placeholder=image.placeholder,
            prompt=image.prompt,
            negative_prompt=image.negative_prompt,
            model=image.model,
            steps=image.steps,
            guidance=image.guidance,
            favorite=image.favorite,
            tags=image.tags,
            visibility=image.visibility,
            mine=image.user_id == principal.user_id,
            created_at=image.created_at,
        )


def file_name(prompt: str, seed: int) -> str:
    """Letters and digits of the prompt's first words, safe on every file system."""
    words = "".join(letter if letter.isalnum() else " " for letter in prompt).split()
    stem = "-".join(words)[:60].strip("-") or "image"
    return f"{stem}-{seed}.png"
