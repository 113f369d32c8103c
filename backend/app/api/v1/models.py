"""Which models can be asked for."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import AnyPrincipal, ServicesDep
from app.api.responses import problems
from app.schemas.models import ModelList

router = APIRouter(tags=["models"])


@router.get("/models", responses=problems(401))
async def list_models(_: AnyPrincipal, services: ServicesDep) -> ModelList:
    """The models of this studio with their defaults and limits."""
    return await services.models.list()
