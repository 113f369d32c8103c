"""The gallery."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status
from fastapi.responses import RedirectResponse

from app.api.deps import ImagesReader, ImagesWriter, JobsWriter, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.core.enums import ImageSort, Visibility
from app.schemas.base import STORABLE
from app.schemas.images import ImageBulk, ImageBulkResult, ImageOut, ImagePage, ImageParameters, ImagePatch
from app.services.images import ImageFilter

router = APIRouter(prefix="/images", tags=["images"])


def image_filter(
    q: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Words of the prompt, or their beginnings; a word that no prompt has stands for those like it.",
        ),
        STORABLE,
    ] = None,
    model: Annotated[str | None, Query(max_length=200), STORABLE] = None,
    favorite: bool | None = None,
    tag: Annotated[str | None, Query(max_length=50), STORABLE] = None,
    before: Annotated[datetime | None, Query(description="Made before this time (RFC 3339).")] = None,
    after: Annotated[datetime | None, Query(description="Made after this time (RFC 3339).")] = None,
    visibility: Annotated[
        Visibility | None, Query(description="`organization`: what all members share; else your own.")
    ] = None,
    collection: Annotated[UUID | None, Query(description="Of it, what you may see.")] = None,
    sort: Annotated[ImageSort, Query(description="`arranged`: in the collection's own order.")] = ImageSort.NEWEST,
) -> ImageFilter:
    return ImageFilter(
        text=q,
        model=model,
        favorite=favorite,
        tag=tag,
        before=before,
        after=after,
        visibility=visibility,
        collection=collection,
        sort=sort,
    )


@router.get("", responses=problems(401, 403, 422))
async def list_images(
    principal: ImagesReader,
    services: ServicesDep,
    wanted: Annotated[ImageFilter, Depends(image_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ImagePage:
    """Your images, or those that the organisation shares, newest first. A cursor goes with the filters it came from."""
    return await services.images.page(principal, wanted, cursor=cursor, limit=limit)


@router.post("/bulk", responses=problems(401, 403, 422))
async def change_images(body: ImageBulk, principal: ImagesWriter, services: ServicesDep) -> ImageBulkResult:
    """Favourite, share, tag, delete or restore many images of yours at once."""
    return await services.images.change_many(principal, body)


@router.post(
    "/parameters",
    responses=problems(401, 403, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A PNG file.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def read_image_parameters(request: Request, _: JobsWriter, services: ServicesDep) -> ImageParameters:
    """How a picture was made, from its PNG file: what Easel and AUTOMATIC1111 write into it. The file is not kept."""
    return await services.remixes.read(await request.body())


@router.get("/{image_id}", responses=problems(401, 403, 404, 422))
async def get_image(image_id: UUID, principal: ImagesReader, services: ServicesDep) -> ImageOut:
    return await services.images.get(principal, image_id)


@router.patch("/{image_id}", responses=problems(401, 403, 404, 422))
async def update_image(image_id: UUID, body: ImagePatch, principal: ImagesWriter, services: ServicesDep) -> ImageOut:
    """Favourite, share or tag an image of yours."""
    return await services.images.change(principal, image_id, body)


@router.delete("/{image_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def delete_image(image_id: UUID, principal: ImagesWriter, services: ServicesDep) -> None:
    """Delete an image of yours. It is out of sight at once; for some days it can be restored, then its files go too."""
    await services.images.delete(principal, image_id)


@router.post("/{image_id}/restore", responses=problems(401, 403, 404, 422))
async def restore_image(image_id: UUID, principal: ImagesWriter, services: ServicesDep) -> ImageOut:
    """Undo a deletion."""
    return await services.images.restore(principal, image_id)


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
