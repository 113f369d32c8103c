"""The caller."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from app.api.deps import AnyPrincipal, ServicesDep
from app.api.responses import problems
from app.schemas.auth import MeResponse
from app.schemas.exports import ExportOut

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", responses=problems(401))
async def get_me(principal: AnyPrincipal, services: ServicesDep) -> MeResponse:
    """Who you are, where you belong, what you may do, and how much of the quota is used."""
    return await services.accounts.me(principal)


@router.post("/me/export", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 403, 409))
async def export_account(response: Response, principal: AnyPrincipal, services: ServicesDep) -> ExportOut:
    """Pack all that Easel keeps about you into a zip archive, from every organisation that you belong to.

    JSON: account, sessions, sign-in services, memberships and use by month; jobs with their parameters, images with
    their tags, collections, share links, API keys (no secrets), moderation decisions and audit events about you. And
    the images' files. Follow it at `Location` or in the event stream (`export.progress`); one is made at a time.
    """
    export = await services.exports.create_of_account(principal)
    response.headers["Location"] = f"/api/v1/exports/{export.id}"
    return export
