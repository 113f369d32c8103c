"""An archive of all that Easel keeps about a person: the account, and what is theirs in each of their organisations.

JSON in pages, and the images' files. A colleague's things are not in it, nor is any secret: no password, key, link or
code can be made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import Role
from app.integrations.storage.protocol import Storage
from app.models import Export, Image, Organization
from app.repositories.audit import INSTALLATION
from app.repositories.personal_data import PersonalTable
from app.schemas.base import Output
from app.schemas.personal_data import (
    PersonalAccount,
    PersonalCollection,
    PersonalDecision,
    PersonalEvent,
    PersonalIdentity,
    PersonalImage,
    PersonalJob,
    PersonalKey,
    PersonalMonth,
    PersonalOrganization,
    PersonalSession,
    PersonalShareLink,
)
from app.services.archives import ArchivePart, Packed
from app.services.quotas import to_units
from app.services.unit_of_work import TenantUnit, UnitsOfWork

PAGE = 500
FILES = "files"
_TABLES: dict[str, tuple[PersonalTable, type[Output]]] = {
    "keys": (PersonalTable.KEYS, PersonalKey),
    "share-links": (PersonalTable.SHARE_LINKS, PersonalShareLink),
    "moderation": (PersonalTable.DECISIONS, PersonalDecision),
    "jobs": (PersonalTable.JOBS, PersonalJob),
}
_SECTIONS = ("organization", "collections", *_TABLES, "events", "images", FILES)
_BEGINNING = UUID(int=0)
_END = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class _Position:
    """In which organisation's which section, behind which row. The account itself comes first, in organisation 0;
    behind the last organisation there is the end."""

    organization: UUID = INSTALLATION
    section: str = "account"
    after: UUID = _BEGINNING
    page: int = 1

    @classmethod
    def of(cls, export: Export) -> _Position:
        if export.position is None:
            return cls()
        row = export.position
        return cls(UUID(row["organization"]), row["section"], UUID(row["after"]), row["page"])

    def as_row(self) -> dict[str, Any]:
        return {
            "organization": str(self.organization),
            "section": self.section,
            "after": str(self.after),
            "page": self.page,
        }

    def behind(self, row_id: UUID) -> _Position:
        return _Position(self.organization, self.section, row_id, self.page + 1)


class AccountArchive:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, part_images: int) -> None:
        self._units = units
        self._storage = storage
        self._part_images = part_images

    async def pack(self, export: Export) -> Packed | None:
        """Section after section until the part is full, or all is in."""
        position, part = _Position.of(export), ArchivePart(export.size_bytes, utc_now())
        if position.organization == _END:
            return None
        # Files end a part, so that one part never holds a lease for longer than so many of them take.
        while position.organization != _END and not part.is_full and part.done == 0:
            position = await self._step(export.user_id, position, part)
        return part.finish(position.as_row())

    async def _step(self, user_id: UUID, position: _Position, part: ArchivePart) -> _Position:
        """Add one page to the part; where the next one begins."""
        if position.section == "account":
            await self._add_account(user_id, part)
            return _Position(INSTALLATION, "events")
        organization_id = position.organization
        async with self._units.tenant(organization_id, user_id) as unit:
            memberships = await unit.organizations.memberships_of(user_id)
            standing = next((each for each in memberships if each[0].id == organization_id), None)
            if standing is None and organization_id != INSTALLATION:
                return _next_organization(memberships, organization_id)  # they have left it meanwhile
            folder = "account" if standing is None else _folder(standing[0])
            if position.section == FILES:
                images = await unit.personal_data.page(
                    PersonalTable.IMAGES, user_id, after=position.after, limit=self._part_images
                )
            else:
                behind = await self._add_page(unit, user_id, position, part, folder, standing)
        if position.section == FILES:
            behind = await self._add_files(images, position, part, folder)
        if behind is not None:
            return behind
        if organization_id == INSTALLATION or position.section == _SECTIONS[-1]:
            return _next_organization(memberships, organization_id)
        return _Position(organization_id, _SECTIONS[_SECTIONS.index(position.section) + 1])

    async def _add_account(self, user_id: UUID, part: ArchivePart) -> None:
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get(user_id)
            factor = await unit.second_factors.find(user_id)
            sessions, identities = await unit.sessions.list_all(user_id), await unit.identities.of_user(user_id)
        account = PersonalAccount(
            exported_at=part.now,
            id=user.id,
            email=user.email,
            email_verified_at=user.email_verified_at,
            name=user.name,
            language=user.language,
            created_at=user.created_at,
            has_password=user.has_password,
            second_factor_since=factor.confirmed_at if factor is not None else None,
            sign_in_services=[PersonalIdentity.model_validate(each) for each in identities],
            sessions=[PersonalSession.model_validate(each) for each in sessions],
        )
        part.add_json("account/account.json", account)

    async def _add_page(
        self,
        unit: TenantUnit,
        user_id: UUID,
        position: _Position,
        part: ArchivePart,
        folder: str,
        standing: tuple[Organization, Role] | None,
    ) -> _Position | None:
        """A page of JSON; None when it was the last of its section."""
        rows: Sequence[Any]
        match position.section:
            case "organization":
                assert standing is not None, "the account itself has no such section"
                part.add_json(f"{folder}/organization.json", await _organization(unit, user_id, *standing))
                return None
            case "events":
                rows = await unit.audit.page_about(unit.organization_id, user_id, after=position.after, limit=PAGE)
                shown: list[Output] = [PersonalEvent.about(user_id, each) for each in rows]
            case "collections":
                table = PersonalTable.COLLECTIONS
                rows = await unit.personal_data.page(table, user_id, after=position.after, limit=PAGE)
                held = await unit.personal_data.images_in([each.id for each in rows])
                shown = [PersonalCollection.holding(each, held.get(each.id, [])) for each in rows]
            case "images":
                rows = await unit.personal_data.page(PersonalTable.IMAGES, user_id, after=position.after, limit=PAGE)
                shown = [PersonalImage.in_file(each, f"{FILES}/{_file(each)}") for each in rows]
            case section:
                table, schema = _TABLES[section]
                rows = await unit.personal_data.page(table, user_id, after=position.after, limit=PAGE)
                shown = [schema.model_validate(each) for each in rows]
        if shown:
            part.add_json(f"{folder}/{position.section}-{position.page:04d}.json", shown)
        return position.behind(rows[-1].id) if len(rows) == PAGE else None

    async def _add_files(
        self, images: Sequence[Image], position: _Position, part: ArchivePart, folder: str
    ) -> _Position | None:
        for image in images:
            position = position.behind(image.id)
            await part.add_file(self._storage, image, f"{folder}/{FILES}/{_file(image)}")
            if part.is_full:
                return position
        return position if len(images) == self._part_images else None


async def _organization(unit: TenantUnit, user_id: UUID, organization: Organization, role: Role) -> Output:
    membership = await unit.members.get(user_id)
    months = await unit.personal_data.months_of_use(user_id)
    return PersonalOrganization(
        id=organization.id,
        name=organization.name,
        role=role,
        joined_at=membership.created_at,
        megapixel_steps_by_month=[
            PersonalMonth(month=each.period_start, charged=to_units(each.charged), reserved=to_units(each.reserved))
            for each in months
        ],
    )


def _next_organization(memberships: Sequence[tuple[Organization, Role]], behind: UUID) -> _Position:
    """In the order of their ids, which stays the same when somebody joins or leaves one."""
    left = sorted(organization.id for organization, _ in memberships if organization.id > behind)
    return _Position(left[0], _SECTIONS[0]) if left else _Position(_END)


def _folder(organization: Organization) -> str:
    """Its name for people; the end of its id keeps two of one name apart."""
    words = "".join(letter if letter.isalnum() else " " for letter in organization.name).split()
    return f"{'-'.join(words)[:60] or 'organization'}-{organization.id.hex[-8:]}"


def _file(image: Image) -> str:
    return f"{image.id}.png"
