"""Collections: made, filled, arranged, shared within the organisation, deleted. The images themselves stay."""

from __future__ import annotations

from uuid import UUID

from app.core.clock import utc_now
from app.core.errors import Conflict, InvalidInput
from app.core.ids import new_id
from app.core.media_types import WEBP
from app.core.security import Principal
from app.integrations.storage.protocol import Storage
from app.models import Collection
from app.repositories.collections import ListedCollection
from app.schemas.collections import (
    Arrangement,
    CollectionChange,
    CollectionChanged,
    CollectionCover,
    CollectionOut,
    CollectionPage,
    CollectionPatch,
    NewCollection,
)
from app.services.cursors import decode_cursor, encode_cursor
from app.services.unit_of_work import TenantUnit, UnitsOfWork

MAX_COLLECTIONS_PER_USER = 1000
MAX_IMAGES = 10_000


class CollectionService:
    def __init__(self, units: UnitsOfWork, storage: Storage) -> None:
        self._units = units
        self._storage = storage

    async def create(self, principal: Principal, wanted: NewCollection) -> CollectionOut:
        collection = Collection(
            organization_id=principal.organization_id,
            id=new_id(),
            user_id=principal.user_id,
            name=wanted.name,
            visibility=wanted.visibility,
        )
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            if await unit.collections.count_of(principal.user_id) >= MAX_COLLECTIONS_PER_USER:
                raise Conflict(
                    f"You have {MAX_COLLECTIONS_PER_USER} collections. Delete one first.", code="too_many_collections"
                )
            unit.collections.add(collection)
            await unit.flush()
            if wanted.image_ids:
                await unit.collections.add_images(collection.id, wanted.image_ids, principal.user_id)
            return await self._seen(unit, collection.id, principal)

    async def page(self, principal: Principal, *, cursor: str | None, limit: int) -> CollectionPage:
        """The caller's own and those that colleagues share, newest first."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.collections.page(principal.user_id, before_id=decode_cursor(cursor), limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        return CollectionPage(
            items=[self._view(each, principal) for each in found],
            next_cursor=encode_cursor(found[-1].collection.id) if more else None,
        )

    async def get(self, principal: Principal, collection_id: UUID) -> CollectionOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            return await self._seen(unit, collection_id, principal)

    async def change(self, principal: Principal, collection_id: UUID, patch: CollectionPatch) -> CollectionOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            collection = await unit.collections.get_own_locked(collection_id, principal.user_id)
            if patch.name is not None:
                collection.name = patch.name
            if patch.visibility is not None:
                collection.visibility = patch.visibility
            if patch.cover_image_id is not None:
                if await unit.collections.find_place(collection_id, patch.cover_image_id) is None:
                    raise _not_in_it("/cover_image_id")
                collection.cover_image_id = patch.cover_image_id
            return await self._touched(unit, collection, principal)

    async def delete(self, principal: Principal, collection_id: UUID) -> None:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.collections.delete(await unit.collections.get_own_locked(collection_id, principal.user_id))

    async def change_images(
        self, principal: Principal, collection_id: UUID, wanted: CollectionChange
    ) -> CollectionChanged:
        """Put images in, at the end, and take others out. What the caller may not see is not put in."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            collection = await unit.collections.get_own_locked(collection_id, principal.user_id)
            removed = await unit.collections.remove_images(collection_id, wanted.remove) if wanted.remove else []
            added: list[UUID] = []
            if wanted.add:
                added = await unit.collections.add_images(collection_id, wanted.add, principal.user_id)
                if await unit.collections.size(collection_id) > MAX_IMAGES:
                    raise Conflict(
                        f"A collection holds {MAX_IMAGES} images at most. Make another one.", code="collection_full"
                    )
            view = await self._touched(unit, collection, principal)
        return CollectionChanged(added=added, removed=removed, collection=view)

    async def arrange(self, principal: Principal, collection_id: UUID, wanted: Arrangement) -> CollectionOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            collection = await unit.collections.get_own_locked(collection_id, principal.user_id)
            before_place = None
            if wanted.before is not None:
                before_place = await unit.collections.find_place(collection_id, wanted.before)
                if before_place is None or wanted.before in wanted.image_ids:
                    raise _not_in_it("/before")
            await unit.collections.arrange(collection_id, wanted.image_ids, before_place=before_place)
            return await self._touched(unit, collection, principal)

    async def _touched(self, unit: TenantUnit, collection: Collection, principal: Principal) -> CollectionOut:
        collection.updated_at = utc_now()
        await unit.flush()
        return await self._seen(unit, collection.id, principal)

    async def _seen(self, unit: TenantUnit, collection_id: UUID, principal: Principal) -> CollectionOut:
        return self._view(await unit.collections.get_visible(collection_id, principal.user_id), principal)

    def _view(self, listed: ListedCollection, principal: Principal) -> CollectionOut:
        collection, cover = listed.collection, listed.cover
        return CollectionOut(
            id=collection.id,
            name=collection.name,
            visibility=collection.visibility,
            mine=collection.user_id == principal.user_id,
            image_count=listed.image_count,
            cover=None
            if cover is None
            else CollectionCover(
                image_id=cover.id,
                thumbnail_url=self._storage.signed_url(cover.thumbnail_key, content_type=WEBP),
                width=cover.width,
                height=cover.height,
                placeholder=cover.placeholder,
            ),
            created_at=collection.created_at,
            updated_at=collection.updated_at,
        )


def _not_in_it(pointer: str) -> InvalidInput:
    return InvalidInput.for_field(
        pointer, "not_in_collection", "That image can't be named here: choose another one of this collection."
    )
