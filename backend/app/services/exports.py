"""Zip exports, as those who ask for them see them: ask, follow, fetch, take back. `ExportWork` makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, ExportKind, ExportStatus, ImageSort
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.security import Principal
from app.integrations.storage.protocol import Storage
from app.models import Export
from app.repositories.images import ImageFilter
from app.schemas.exports import MAX_IMAGES, ExportList, ExportOut, NewExport
from app.services.export_views import ExportViews
from app.services.policies import MANAGERS
from app.services.unit_of_work import TenantUnit, UnitsOfWork

MAX_OPEN_PER_USER = 3
LISTED = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored part of an archive, and where it begins in it."""

    key: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Download:
    """`tag` stays the same as long as the bytes do."""

    filename: str
    tag: str
    size: int
    pieces: tuple[Piece, ...]


class ExportService:
    def __init__(self, units: UnitsOfWork, storage: Storage, views: ExportViews) -> None:
        self._units = units
        self._storage = storage
        self._views = views

    async def create(self, principal: Principal, wanted: NewExport) -> ExportOut:
        """The upkeep finds it within moments. Raises `Conflict` while too many of the caller's are open."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            image_ids = await self._images(unit, principal, wanted)
            if await unit.exports.count_open(principal.user_id, ExportKind.IMAGES) >= MAX_OPEN_PER_USER:
                raise Conflict(
                    f"{MAX_OPEN_PER_USER} exports of yours are being made. Wait for one, or take it back.",
                    code="too_many_exports",
                )
            export = _new_export(principal, ExportKind.IMAGES, image_ids, total=len(image_ids))
            unit.exports.add(export)
        return self._views.view(export)

    async def create_of_account(self, principal: Principal) -> ExportOut:
        """All that is kept about the caller, of all their organisations (see `AccountArchive`).

        Raises `Conflict` while one is being made.
        """
        async with self._units.identity(principal.user_id) as identity:
            memberships = await identity.organizations.memberships_of(principal.user_id)
        total = 0
        for organization, _ in memberships:
            async with self._units.tenant(organization.id, principal.user_id) as unit:
                total += await unit.personal_data.count_images(principal.user_id)
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.users.get_locked(principal.user_id)  # of two who ask at once, the second sees the first
            if await unit.exports.count_open(principal.user_id, ExportKind.ACCOUNT):
                raise Conflict(
                    "An export of your account is being made. Wait for it, or take it back.", code="too_many_exports"
                )
            export = _new_export(principal, ExportKind.ACCOUNT, [], total=total)
            unit.exports.add(export)
            await unit.tell(AuditAction.ACCOUNT_EXPORT_ASKED, principal, target=f"export:{export.id}")
        return self._views.view(export)

    async def create_of_organization(self, principal: Principal) -> ExportOut:
        """The organisation as a whole (see `OrganizationArchive`). Raises `Conflict` while one is being made."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()  # of two who ask at once, the second sees the first
            if await unit.exports.has_open(ExportKind.ORGANIZATION):
                raise Conflict(
                    "An export of this organisation is being made. Wait until it is done.", code="too_many_exports"
                )
            total = await unit.organization_data.count_visible_images(principal.user_id)
            export = _new_export(principal, ExportKind.ORGANIZATION, [], total=total)
            unit.exports.add(export)
            await unit.tell(AuditAction.ORGANIZATION_EXPORT_ASKED, principal, target=f"export:{export.id}")
        return self._views.view(export)

    async def list_own(self, principal: Principal) -> ExportList:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.exports.list_of(principal.user_id, LISTED)
        return ExportList(items=[self._views.view(export) for export in found])

    async def get(self, principal: Principal, export_id: UUID) -> ExportOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            return self._views.view(await unit.exports.get_own(export_id, principal.user_id))

    async def cancel(self, principal: Principal, export_id: UUID) -> None:
        """Its link is dead at once; its files go with the next sweep."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            export = await unit.exports.get_own(export_id, principal.user_id, locked=True)
            export.status, export.lease_token, export.expires_at = ExportStatus.CANCELED, None, utc_now()

    async def open(self, organization_id: UUID, export_id: UUID, expires: int, signature: str) -> Download:
        """For whoever has the link. Raises `Forbidden` for a bad link, `NotFound` when the archive is gone."""
        self._views.verify(organization_id, export_id, expires, signature)
        async with self._units.tenant(organization_id) as unit:
            export = await unit.exports.find(export_id)
            if export is None or export.status is not ExportStatus.COMPLETED:
                raise _gone()
            if export.kind is ExportKind.ORGANIZATION and await unit.members.find_role(export.user_id) not in MANAGERS:
                raise _gone()  # its asker manages the organisation no longer
            parts = await unit.exports.parts(export_id)
        pieces, start = [], 0
        for part in parts:
            pieces.append(Piece(part.storage_key, start, part.size_bytes))
            start += part.size_bytes
        made, held = export.created_at.strftime("%Y-%m-%d"), export.done - export.skipped
        what = held if export.kind is ExportKind.IMAGES else export.kind.value
        return Download(f"easel-{made}-{what}.zip", str(export.id), start, tuple(pieces))

    async def read(self, download: Download, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included, a part at a time."""
        for piece in download.pieces:
            begin, end = max(first - piece.start, 0), min(last + 1 - piece.start, piece.size)
            if begin < end:
                yield (await self._storage.get(piece.key))[begin:end]

    @staticmethod
    async def _images(unit: TenantUnit, principal: Principal, wanted: NewExport) -> list[UUID]:
        if wanted.image_ids is not None:
            visible = await unit.images.visible_among(wanted.image_ids, principal.user_id)
            found = [each for each in dict.fromkeys(wanted.image_ids) if each in visible]
        else:
            assert wanted.collection_id is not None, "one of the two is given"
            await unit.collections.get_visible(wanted.collection_id, principal.user_id)
            in_it = ImageFilter(collection=wanted.collection_id, sort=ImageSort.ARRANGED)
            found = [image.id for image in await unit.images.page(in_it, cursor=None, limit=MAX_IMAGES + 1)]
        if not found:
            raise InvalidInput("None of these images is there, or yours to see.", code="nothing_to_export")
        if len(found) > MAX_IMAGES:
            raise InvalidInput(f"An archive holds {MAX_IMAGES} images at most.", code="too_many_images")
        return found


def _new_export(principal: Principal, kind: ExportKind, image_ids: list[UUID], *, total: int) -> Export:
    return Export(
        organization_id=principal.organization_id,
        id=new_id(),
        user_id=principal.user_id,
        kind=kind,
        status=ExportStatus.QUEUED,
        image_ids=image_ids,
        total=total,
        done=0,
        skipped=0,
        size_bytes=0,
        created_at=utc_now(),
    )


def _gone() -> NotFound:
    return NotFound("This archive is gone: ask for it again.", code="export_not_found")
