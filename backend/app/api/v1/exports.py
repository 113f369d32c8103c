"""Zip archives of images."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status
from fastapi.responses import StreamingResponse

from app.api.deps import ImagesReader, Public, ServicesDep
from app.api.responses import problems
from app.integrations.storage.links import content_disposition
from app.schemas.exports import ExportList, ExportOut, NewExport

router = APIRouter(tags=["exports"])

_ONE_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


class ZipResponse(StreamingResponse):
    media_type = "application/zip"


@router.post("/images/export", status_code=status.HTTP_202_ACCEPTED, responses=problems(401, 403, 404, 409, 422))
async def export_images(
    body: NewExport, response: Response, principal: ImagesReader, services: ServicesDep
) -> ExportOut:
    """Pack images into a zip archive. Follow it at `Location` or in the event stream (`export.progress`)."""
    export = await services.exports.create(principal, body)
    response.headers["Location"] = f"/api/v1/exports/{export.id}"
    return export


@router.get("/exports", responses=problems(401, 403))
async def list_exports(principal: ImagesReader, services: ServicesDep) -> ExportList:
    """Your exports of late, newest first."""
    return await services.exports.list_own(principal)


@router.get("/exports/{export_id}", responses=problems(401, 403, 404, 422))
async def get_export(export_id: UUID, principal: ImagesReader, services: ServicesDep) -> ExportOut:
    return await services.exports.get(principal, export_id)


@router.delete("/exports/{export_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403, 404, 422))
async def cancel_export(export_id: UUID, principal: ImagesReader, services: ServicesDep) -> None:
    """Take an export back: it stops, and its archive goes."""
    await services.exports.cancel(principal, export_id)


@router.get(
    "/exports/{export_id}/file",
    response_class=ZipResponse,
    responses={
        200: {
            "description": "The archive.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        206: {"description": "The range that was asked for."},
        **problems(403, 404, 422),
    },
    dependencies=[Public],
)
async def download_export(
    export_id: UUID,
    services: ServicesDep,
    organization: UUID,
    expires: Annotated[int, Query(ge=0, lt=2**53)],
    signature: Annotated[str, Query(max_length=100)],
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> ZipResponse:
    """A finished archive, by its signed link. One range is served, so that a broken download can go on."""
    download = await services.exports.open(organization, export_id, expires, signature)
    first, last, code = 0, download.size - 1, HTTPStatus.OK
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": content_disposition(download.filename),
        "ETag": f'"{download.tag}"',
    }
    match = _ONE_RANGE.fullmatch(wanted or "")
    if match and int(match[1]) < download.size:
        first, last = int(match[1]), min(int(match[2] or last), last)
        if first <= last:
            code = HTTPStatus.PARTIAL_CONTENT
            headers["Content-Range"] = f"bytes {first}-{last}/{download.size}"
        else:
            first, last = 0, download.size - 1
    headers["Content-Length"] = str(last + 1 - first)
    return ZipResponse(services.exports.read(download, first, last), code, headers=headers)
