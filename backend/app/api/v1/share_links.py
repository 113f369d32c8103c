"""Links by which anybody may look: making, listing and revoking them, and looking."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from app.api.deps import ImagesReader, ImagesWriter, LimitedByAddress, Public, ServicesDep
from app.api.responses import problems
from app.api.v1.jobs import Cursor, Limit
from app.schemas.share_links import NewShareLink, SharedPage, ShareLinkCreated, ShareLinkPage

router = APIRouter(tags=["sharing"])

# A revoked link is dead at once, save for what a browser has shown already; a shared cache keeps nothing.
FILE_CACHE = "private, max-age=300"


@router.post("/share-links", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 404, 409, 422))
async def create_share_link(body: NewShareLink, principal: ImagesWriter, services: ServicesDep) -> ShareLinkCreated:
    """Make a link to an image or a collection of yours. It is shown this once."""
    return await services.share_links.create(principal, body)


@router.get("/share-links", responses=problems(401, 403, 422))
async def list_share_links(
    principal: ImagesReader,
    services: ServicesDep,
    everyones: Annotated[bool, Query(description="All of the organisation's, for owners and admins.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ShareLinkPage:
    """Your open links with how often they were looked at, newest first."""
    return await services.share_links.page(principal, everyones=everyones, cursor=cursor, limit=limit)


@router.delete(
    "/share-links/{share_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422)
)
async def revoke_share_link(share_id: UUID, principal: ImagesWriter, services: ServicesDep) -> None:
    """End a link of yours now; owners and admins may end anybody's."""
    await services.share_links.revoke(principal, share_id)


@router.get("/shared/{token}", responses=problems(404, 422), dependencies=[Public, LimitedByAddress])
async def open_share(token: str, services: ServicesDep, cursor: Cursor = None, limit: Limit = 100) -> SharedPage:
    """What a link shows: the pictures, and nothing else about them."""
    return await services.share_links.open(token, cursor=cursor, limit=limit)


@router.get(
    "/shared/{token}/images/{ref}",
    response_class=Response,
    responses={
        200: {
            "description": "The picture, without the texts that its file carries.",
            "content": {
                "image/png": {"schema": {"type": "string", "format": "binary"}},
                "image/webp": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **problems(404, 422),
    },
    dependencies=[Public],
)
async def get_shared_image(
    token: str, ref: str, services: ServicesDep, thumbnail: Annotated[bool, Query()] = False
) -> Response:
    """One of the pictures that a link shows."""
    file = await services.share_links.file(token, ref, thumbnail=thumbnail)
    return Response(file.content, media_type=file.content_type, headers={"Cache-Control": FILE_CACHE})
