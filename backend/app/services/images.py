"""The gallery: find images, change what is said about them, delete them."""

from __future__ import annotations

from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import ImageSort
from app.core.errors import InvalidInput
from app.core.media_types import PNG, WEBP
from app.core.security import Principal
from app.engine.imaging import MEDIUM_SIDE, THUMBNAIL_SIDE
from app.integrations.storage.protocol import Storage
from app.models import Image
from app.repositories.images import ImageChange, ImageFilter
from app.schemas.images import (
    MAX_TAGS,
    ImageBulk,
    ImageBulkResult,
    ImageOut,
    ImagePage,
    ImagePatch,
    TagCount,
    TagList,
    Thumbnail,
)
from app.services.cursors import decode_cursor, encode_cursor
from app.services.unit_of_work import TenantUnit, UnitsOfWork

__all__ = ["ImageFilter", "ImageService"]

MAX_LISTED_TAGS = 500


class ImageService:
    def __init__(self, units: UnitsOfWork, storage: Storage) -> None:
        self._units = units
        self._storage = storage

    async def page(self, principal: Principal, wanted: ImageFilter, *, cursor: str | None, limit: int) -> ImagePage:
        """The caller's own images, those shared in the organisation, or those of a collection."""
        if wanted.sort is ImageSort.ARRANGED and wanted.collection is None:
            raise InvalidInput.for_field("/sort", "no_collection", "Only a collection is arranged: name one.")
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.images.page(wanted, cursor=decode_cursor(cursor), limit=limit + 1)
            more, found = len(found) > limit, found[:limit]
            last = await self._behind(unit, wanted, found[-1]) if more else UUID(int=0)
        return ImagePage(
            items=[self._view(image, principal) for image in found],
            next_cursor=encode_cursor(last) if more else None,
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

    async def read_all(self, principal: Principal, image_ids: list[UUID]) -> list[bytes]:
        """The PNG files, in order. Raises `NotFound` for an image that was deleted meanwhile."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            keys = [(await unit.images.get_visible(each, principal.user_id)).storage_key for each in image_ids]
        return [await self._storage.get(key) for key in keys]

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

    async def change_many(self, principal: Principal, wanted: ImageBulk) -> ImageBulkResult:
        """All of them or, when one can't be changed so, none. Ids that are not the caller's are told, not touched."""
        change = ImageChange(
            favorite=wanted.favorite,
            visibility=wanted.visibility,
            add_tags=wanted.add_tags,
            remove_tags=wanted.remove_tags,
            deleted=wanted.deleted,
        )
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            own = await unit.images.lock_own(wanted.image_ids, principal.user_id, deleted=wanted.deleted is False)
            if own and await unit.images.change_many(own, change) > MAX_TAGS:
                raise InvalidInput.for_field(
                    "/add_tags", "too_many_tags", f"An image has at most {MAX_TAGS} tags. Remove some first."
                )
        missing = set(wanted.image_ids).difference(own)
        return ImageBulkResult(changed=own, missing=[each for each in wanted.image_ids if each in missing])

    async def tags(self, principal: Principal) -> TagList:
        """The caller's tags, most used first."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.images.tags_of(principal.user_id, MAX_LISTED_TAGS)
        return TagList(items=[TagCount(tag=tag, count=count) for tag, count in found])

    async def delete(self, principal: Principal, image_id: UUID) -> None:
        """It is out of sight at once. Until `TrashService` removes it for good, `restore` brings it back."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image = await unit.images.get_own_locked(image_id, principal.user_id)
            image.deleted_at = utc_now()

    async def restore(self, principal: Principal, image_id: UUID) -> ImageOut:
        """Undo a deletion. One that is not deleted is fine; one that was removed for good is not found."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image = await unit.images.get_own_locked(image_id, principal.user_id, deleted=True)
            image.deleted_at = None
        return self._view(image, principal)

    def _thumbnails(self, image: Image) -> list[Thumbnail]:
        """The smallest first."""
        sizes = [(image.thumbnail_key, THUMBNAIL_SIDE)]
        if image.medium_key is not None:
            sizes.append((image.medium_key, MEDIUM_SIDE))
        longest = max(image.width, image.height)
        return [
            Thumbnail(
                url=self._storage.signed_url(key, content_type=WEBP),
                width=max(1, round(image.width * min(1.0, side / longest))),
            )
            for key, side in sizes
        ]

    @staticmethod
    async def _behind(unit: TenantUnit, wanted: ImageFilter, last: Image) -> UUID:
        """Where the next page begins."""
        if wanted.sort is not ImageSort.ARRANGED or wanted.collection is None:
            return last.id
        return UUID(int=await unit.collections.find_place(wanted.collection, last.id) or 0)

    def _view(self, image: Image, principal: Principal) -> ImageOut:
        thumbnails = self._thumbnails(image)
        return ImageOut(
            id=image.id,
            job_id=image.job_id,
            url=self._storage.signed_url(image.storage_key, content_type=PNG),
            thumbnail_url=thumbnails[0].url,
            thumbnails=thumbnails,
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
