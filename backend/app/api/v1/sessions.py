"""Where one is signed in."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, status

from app.api.deps import AnyPrincipal, ServicesDep
from app.api.responses import problems
from app.schemas.sessions import SessionList

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.get("", responses=problems(401, 403))
async def list_sessions(principal: AnyPrincipal, services: ServicesDep) -> SessionList:
    """Your open sessions, last used first."""
    return await services.sessions.list_open(principal)


@router.delete("/{session_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def end_session(session_id: UUID, principal: AnyPrincipal, services: ServicesDep) -> None:
    """Sign out there. Its access token is refused within five seconds."""
    await services.sessions.end(principal, session_id, because="ended_by_user")
