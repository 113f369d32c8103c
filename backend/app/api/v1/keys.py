"""API keys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from app.api.deps import KeysManager, ServicesDep
from app.api.responses import problems
from app.schemas.keys import ApiKeyCreated, ApiKeyList, NewApiKey

router = APIRouter(prefix="/keys", tags=["keys"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(401, 403, 409, 422))
async def create_key(body: NewApiKey, principal: KeysManager, services: ServicesDep) -> ApiKeyCreated:
    """Make an API key for a program. The key is shown this once."""
    return await services.keys.create(principal, body)


@router.get("", responses=problems(401, 403, 422))
async def list_keys(
    principal: KeysManager,
    services: ServicesDep,
    everyones: Annotated[bool, Query(description="All of the organisation's, for owners and admins.")] = False,
) -> ApiKeyList:
    """Your keys, newest first."""
    return await services.keys.list_keys(principal, everyones=everyones)


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def revoke_key(key_id: UUID, principal: KeysManager, services: ServicesDep) -> None:
    """Revoke a key of yours; owners and admins may revoke anybody's. It is refused within five seconds."""
    await services.keys.revoke(principal, key_id)
