"""An archive of what an organisation has: its members, jobs, images, use, rules and audit log.

It opens no more to its asker than the studio does: of what colleagues keep private it says that it was made, by whom,
when and at what cost, without words, parameters or file (docs/adr/0030). No secret is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import Visibility
from app.core.errors import Forbidden
from app.integrations.storage.protocol import Storage
from app.models import Export, Image, QuotaAccount, UserQuotaAccount
from app.repositories.audit import AuditFilter
from app.repositories.organization_data import OrganizationTable
from app.schemas.base import Output
from app.schemas.organization_data import (
    ExportedCollection,
    ExportedDecision,
    ExportedImage,
    ExportedInvitation,
    ExportedJob,
    ExportedKey,
    ExportedMember,
    ExportedMonth,
    ExportedOrganization,
    ExportedRule,
    ExportedShareLink,
    WithheldImage,
    WithheldJob,
)
from app.services.archives import ArchivePart, Packed
from app.services.audit import view_event
from app.services.policies import MANAGERS
from app.services.quotas import to_units
from app.services.unit_of_work import TenantUnit, UnitsOfWork

PAGE = 500
FILES = "files"
_TABLES: dict[str, tuple[OrganizationTable, type[Output]]] = {
    "invitations": (OrganizationTable.INVITATIONS, ExportedInvitation),
    "keys": (OrganizationTable.KEYS, ExportedKey),
    "rules": (OrganizationTable.RULES, ExportedRule),
    "moderation": (OrganizationTable.DECISIONS, ExportedDecision),
    "share-links": (OrganizationTable.SHARE_LINKS, ExportedShareLink),
}
_SECTIONS = ("organization", *_TABLES, "collections", "jobs", "images", "audit", FILES)
_END = "end"
_BEGINNING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Position:
    """In which section, behind which row."""

    section: str = _SECTIONS[0]
    after: UUID = _BEGINNING
    page: int = 1

    @classmethod
    def of(cls, export: Export) -> _Position:
        if export.position is None:
            return cls()
        return cls(export.position["section"], UUID(export.position["after"]), export.position["page"])

    def as_row(self) -> dict[str, Any]:
        return {"section": self.section, "after": str(self.after), "page": self.page}

    def behind(self, row_id: UUID) -> _Position:
        return _Position(self.section, row_id, self.page + 1)

    def next_section(self) -> _Position:
        return _Position((*_SECTIONS, _END)[_SECTIONS.index(self.section) + 1])


class OrganizationArchive:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, part_images: int) -> None:
        self._units = units
        self._storage = storage
        self._part_images = part_images

    async def pack(self, export: Export) -> Packed | None:
        """Section after section until the part is full, or all is in.

        Raises `Forbidden` when whoever asked for it manages the organisation no longer.
        """
        position, part = _Position.of(export), ArchivePart(export.size_bytes, utc_now())
        if position.section == _END:
            return None
        # Files end a part, so that one part never holds a lease for longer than so many of them take.
        while position.section != _END and not part.is_full and part.done == 0:
            position = await self._step(export, position, part)
        return part.finish(position.as_row())

    async def _step(self, export: Export, position: _Position, part: ArchivePart) -> _Position:
        """Add one page to the part; where the next one begins."""
        async with self._units.tenant(export.organization_id, export.user_id) as unit:
            if await unit.members.find_role(export.user_id) not in MANAGERS:
                raise Forbidden("Only who manages the organisation gets its archive.", code="role_not_allowed")
            if position.section == FILES:
                data = unit.organization_data
                images = await data.visible_images(export.user_id, after=position.after, limit=self._part_images)
            else:
                behind = await _add_page(unit, export.user_id, position, part)
        if position.section == FILES:
            behind = await self._add_files(images, position, part)
        return behind or position.next_section()

    async def _add_files(self, images: Sequence[Image], position: _Position, part: ArchivePart) -> _Position | None:
        for image in images:
            position = position.behind(image.id)
            await part.add_file(self._storage, image, _file(image))
            if part.is_full:
                return position
        return position if len(images) == self._part_images else None


async def _add_page(unit: TenantUnit, user_id: UUID, position: _Position, part: ArchivePart) -> _Position | None:
    """A page of JSON; None when it was the last of its section."""
    match position.section:
        case "organization":
            part.add_json("organization.json", await _organization(unit, user_id, part))
            part.add_json("members.json", await _members(unit))
            return None
        case "audit":
            before = None if position.after == _BEGINNING else position.after
            events = await unit.audit.page(unit.organization_id, AuditFilter(), before_id=before, limit=PAGE)
            rows: Sequence[Any] = [event for event, _ in events]
            shown: list[Output] = [view_event(event, name) for event, name in events]
        case "collections":
            rows = await _rows(unit, OrganizationTable.COLLECTIONS, position)
            seen = [row for row in rows if _is_visible(row, user_id)]
            held = await unit.personal_data.images_in([row.id for row in seen])
            shown = [ExportedCollection.holding(row, held.get(row.id, [])) for row in seen]
        case "jobs":
            rows = await _rows(unit, OrganizationTable.JOBS, position)
            shown = [(ExportedJob if _is_visible(row, user_id) else WithheldJob).model_validate(row) for row in rows]
        case "images":
            rows = await _rows(unit, OrganizationTable.IMAGES, position)
            shown = [_image(row) if _is_visible(row, user_id) else WithheldImage.model_validate(row) for row in rows]
        case section:
            table, schema = _TABLES[section]
            rows = await _rows(unit, table, position)
            shown = [schema.model_validate(row) for row in rows]
    if shown:
        part.add_json(f"{position.section}-{position.page:04d}.json", shown)
    return position.behind(rows[-1].id) if len(rows) == PAGE else None


async def _rows(unit: TenantUnit, table: OrganizationTable, position: _Position) -> Sequence[Any]:
    return await unit.organization_data.page(table, after=position.after, limit=PAGE)


def _is_visible(row: Any, user_id: UUID) -> bool:
    return row.visibility is Visibility.ORGANIZATION or row.user_id == user_id


async def _organization(unit: TenantUnit, user_id: UUID, part: ArchivePart) -> Output:
    organization = await unit.organizations.get(unit.organization_id)
    months = await unit.organization_data.months_of_use()
    of_members = await unit.organization_data.months_of_members()
    return ExportedOrganization(
        exported_at=part.now,
        exported_by=user_id,
        id=organization.id,
        name=organization.name,
        created_at=organization.created_at,
        deletion_due_at=organization.deletion_due_at,
        quota_monthly=_units(organization.quota_monthly),
        max_open_jobs=organization.max_open_jobs,
        member_quota_monthly=_units(organization.member_quota_monthly),
        member_max_open_jobs=organization.member_max_open_jobs,
        usage=[*(_month(each, None) for each in months), *(_month(each, each.user_id) for each in of_members)],
    )


async def _members(unit: TenantUnit) -> list[Output]:
    return [
        ExportedMember(
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=membership.role,
            joined_at=membership.created_at,
            second_factor=has_factor,
            quota_monthly=_units(membership.quota_monthly),
            max_open_jobs=membership.max_open_jobs,
        )
        for membership, user, has_factor in await unit.members.list_members()
    ]


def _month(account: QuotaAccount | UserQuotaAccount, user_id: UUID | None) -> ExportedMonth:
    return ExportedMonth(
        month=account.period_start,
        user_id=user_id,
        charged=to_units(account.charged),
        reserved=to_units(account.reserved),
    )


def _image(image: Image) -> Output:
    return ExportedImage.in_file(image, _file(image))


def _file(image: Image) -> str:
    return f"{FILES}/{image.id}.png"


def _units(pixel_steps: int | None) -> float | None:
    return None if pixel_steps is None else to_units(pixel_steps)
