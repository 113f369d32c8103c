"""An export as people see it, and the link that reads it."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import ExportStatus
from app.core.errors import Forbidden
from app.core.keys import derive_key
from app.models import Export
from app.schemas.exports import ExportError, ExportOut


class ExportViews:
    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "export-links")

    def view(self, export: Export) -> ExportOut:
        count = export.total
        return ExportOut(
            id=export.id,
            kind=export.kind,
            status=export.status,
            image_count=count,
            done=export.done,
            skipped=export.skipped,
            progress=1.0
            if export.status is ExportStatus.COMPLETED
            else round(min(export.done / max(count, 1), 1.0), 4),
            size_bytes=export.size_bytes,
            url=self._url(export) if export.status is ExportStatus.COMPLETED else None,
            error=ExportError(code=export.error_code, detail=export.error_detail or "") if export.error_code else None,
            created_at=export.created_at,
            finished_at=export.finished_at,
            expires_at=export.expires_at,
        )

    def verify(self, organization_id: UUID, export_id: UUID, expires: int, signature: str) -> None:
        """Raises `Forbidden` for a link that is not ours, or too old."""
        expected = self._signature(organization_id, export_id, expires)
        # Bytes, because compare_digest refuses text outside ASCII, and this text comes from outside.
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Forbidden("This link is not one that we made: ask for a new one.", code="invalid_link")
        if expires <= utc_now().timestamp():
            raise Forbidden("This link has expired: ask for the archive again.", code="expired_link")

    def _url(self, export: Export) -> str:
        assert export.expires_at is not None, "a completed export has an end"
        expires = _seconds(export.expires_at)
        parameters = {
            "organization": str(export.organization_id),
            "expires": str(expires),
            "signature": self._signature(export.organization_id, export.id, expires),
        }
        return f"/api/v1/exports/{export.id}/file?{urlencode(parameters)}"

    def _signature(self, organization_id: UUID, export_id: UUID, expires: int) -> str:
        return hmac.new(self._key, f"{organization_id}/{export_id}/{expires}".encode(), sha256).hexdigest()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
