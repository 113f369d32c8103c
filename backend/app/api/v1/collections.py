"""Collections of images."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, status

from app.api.deps import ImagesReader, ImagesWriter, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.schemas.collections import (
    Arrangement,
    CollectionChange,
    CollectionChanged,
    CollectionOut,
    CollectionPage,
    CollectionPatch,
    NewCollection,
)

router = APIRouter(prefix="/collections", tags=["collections"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409, 422))
async def create_collection(body: NewCollection, principal: ImagesWriter, services: ServicesDep) -> CollectionOut:
    """A new collection, with images in it if you like."""
    return await services.collections.create(principal, body)


@router.get("", responses=problems(401, 403, 422))
async def list_collections(
    principal: ImagesReader, services: ServicesDep, cursor: Cursor = None, limit: Limit = 50
) -> CollectionPage:
    """Your collections and those that colleagues share, newest first. Their images: `GET /images?collection=`."""
    return await services.collections.page(principal, cursor=cursor, limit=limit)


@router.get("/{collection_id}", responses=problems(401, 403, 404, 422))
async def get_collection(collection_id: UUID, principal: ImagesReader, services: ServicesDep) -> CollectionOut:
    return await services.collections.get(principal, collection_id)


@router.patch("/{collection_id}", responses=problems(401, 403, 404, 422))
async def update_collection(
    collection_id: UUID, body: CollectionPatch, principal: ImagesWriter, services: ServicesDep
) -> CollectionOut:
    """Rename it, share it in the organisation or choose its cover."""
    return await services.collections.change(principal, collection_id, body)


@router.delete("/{collection_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def delete_collection(collection_id: UUID, principal: ImagesWriter, services: ServicesDep) -> None:
    """Delete the collection. Its images stay in the gallery."""
    await services.collections.delete(principal, collection_id)


@router.post("/{collection_id}/images", responses=problems(401, 403, 404, 409, 422))
async def change_collection_images(
    collection_id: UUID, body: CollectionChange, principal: ImagesWriter, services: ServicesDep
) -> CollectionChanged:
    """Put images in, at the end, and take others out."""
    return await services.collections.change_images(principal, collection_id, body)


@router.post("/{collection_id}/order", responses=problems(401, 403, 404, 422))
async def arrange_collection(
    collection_id: UUID, body: Arrangement, principal: ImagesWriter, services: ServicesDep
) -> CollectionOut:
    """Move images within the collection."""
    return await services.collections.arrange(principal, collection_id, body)
