"""The gallery."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import RedirectResponse

from app.api.deps import ImagesReader, ImagesWriter, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.core.enums import Visibility
from app.schemas.base import STORABLE
from app.schemas.images import ImageOut, ImagePage, ImagePatch
from app.services.images import ImageFilter

router = APIRouter(prefix="/images", tags=["images"])


def image_filter(
    q: Annotated[str | None, Query(max_length=200, description="Words of the prompt."), STORABLE] = None,
    model: Annotated[str | None, Query(max_length=200), STORABLE] = None,
    favorite: bool | None = None,
    tag: Annotated[str | None, Query(max_length=50), STORABLE] = None,
    before: Annotated[datetime | None, Query(description="Made before this time (RFC 3339).")] = None,
    after: Annotated[datetime | None, Query(description="Made after this time (RFC 3339).")] = None,
    visibility: Annotated[
        Visibility | None, Query(description="`organization`: what all members share; else your own.")
    ] = None,
) -> ImageFilter:
    return ImageFilter(
        text=q, model=model, favorite=favorite, tag=tag, before=before, after=after, visibility=visibility
    )


@router.get("", responses=problems(401, 403, 422))
async def list_images(
    principal: ImagesReader,
    services: ServicesDep,
    wanted: Annotated[ImageFilter, Depends(image_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ImagePage:
    """Images, newest first."""
    return await services.images.page(principal, wanted, cursor=cursor, limit=limit)


@router.get("/{image_id}", responses=problems(401, 403, 404, 422))
async def get_image(image_id: UUID, principal: ImagesReader, services: ServicesDep) -> ImageOut:
    return await services.images.get(principal, image_id)


@router.patch("/{image_id}", responses=problems(401, 403, 404, 422))
async def update_image(image_id: UUID, body: ImagePatch, principal: ImagesWriter, services: ServicesDep) -> ImageOut:
    """Favourite, share or tag an image of yours."""
    return await services.images.change(principal, image_id, body)


@router.delete("/{image_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def delete_image(image_id: UUID, principal: ImagesWriter, services: ServicesDep) -> None:
    """Delete an image of yours, with its files."""
    await services.images.delete(principal, image_id)


@router.get(
    "/{image_id}/file",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    response_class=RedirectResponse,
    responses=problems(401, 403, 404, 422),
)
async def get_image_file(
    image_id: UUID,
    principal: ImagesReader,
    services: ServicesDep,
    download: Annotated[bool, Query(description="Save it under a name made of the prompt.")] = False,
) -> RedirectResponse:
    """Redirects to a signed URL that reads the PNG until it expires."""
    return RedirectResponse(await services.images.file_url(principal, image_id, download=download))
