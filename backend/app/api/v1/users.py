"""The caller."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import AnyPrincipal, ServicesDep
from app.api.responses import problems
from app.schemas.auth import MeResponse

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", responses=problems(401))
async def get_me(principal: AnyPrincipal, services: ServicesDep) -> MeResponse:
    """Who you are, where you belong, what you may do, and how much of the quota is used."""
    return await services.accounts.me(principal)
