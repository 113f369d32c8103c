"""Files of the local storage, by signed URLs. With S3 the URLs point there instead."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from app.api.deps import Public, ServicesDep
from app.api.responses import problems
from app.core.errors import NotFound
from app.integrations.storage.local import LocalStorage

router = APIRouter(prefix="/files", tags=["files"])

MAX_AGE_SECONDS = 3600


@router.get("/{key:path}", response_class=FileResponse, responses=problems(403, 404, 422), dependencies=[Public])
async def get_file(key: str, request: Request, services: ServicesDep) -> FileResponse:
    """A stored file. The URL is its own permission: signed for one file, and only for a while. Ranges are served."""
    if not isinstance(services.storage, LocalStorage):
        raise NotFound("This studio keeps its files elsewhere.")
    file = services.storage.verify(key, request.query_params)
    return FileResponse(
        file.path,
        media_type=file.content_type,
        headers={
            "Cache-Control": f"private, max-age={MAX_AGE_SECONDS}, immutable",
            "Content-Disposition": file.content_disposition,
        },
    )
