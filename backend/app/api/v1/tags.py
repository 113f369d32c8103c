"""The tags that one's images have."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import ImagesReader, ServicesDep
from app.api.responses import problems
from app.schemas.images import TagList

router = APIRouter(prefix="/tags", tags=["images"])


@router.get("", responses=problems(401, 403))
async def list_tags(principal: ImagesReader, services: ServicesDep) -> TagList:
    """Your tags with how many of your images have them, most used first."""
    return await services.images.tags(principal)
