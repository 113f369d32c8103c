"""Organisations: founding one, renaming it, handing it on, and asking for its end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Registration, Role
from app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.security import Principal
from app.models import Organization
from app.schemas.organizations import (
    NewOrganization,
    OrganizationDeletion,
    OrganizationOut,
    OrganizationPatch,
    OwnershipTransfer,
)
from app.services.identity_proofs import IdentityProofs
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)

MAX_OWNED = 20
"""Each organisation has a quota of its own, so nobody makes them without end."""


class OrganizationService:
    def __init__(
        self, units: UnitsOfWork, *, proofs: IdentityProofs, registration: Registration, grace: timedelta
    ) -> None:
        """`grace`: so long may an owner take back the deletion of an organisation."""
        self._units = units
        self._proofs = proofs
        self._registration = registration
        self._grace = grace

    async def create(self, principal: Principal, wanted: NewOrganization) -> OrganizationOut:
        """The caller becomes its owner, and stays signed in where they are."""
        if self._registration is not Registration.OPEN and principal.role is not Role.OWNER:
            raise Forbidden("In this studio only owners found further organisations.", code="role_not_allowed")
        organization = Organization(id=new_id(), name=wanted.name.strip())
        async with self._units.tenant(organization.id, principal.user_id) as unit:
            founder = await unit.users.get_locked(principal.user_id)
            memberships = await unit.organizations.memberships_of(founder.id)
            if sum(role is Role.OWNER for _, role in memberships) >= MAX_OWNED:
                raise Conflict(f"You own {MAX_OWNED} organisations. Hand one on first.", code="too_many_organizations")
            await unit.organizations.add(organization, founder)
            await unit.tell(
                AuditAction.ORGANIZATION_CREATED,
                principal,
                target=f"organization:{organization.id}",
                after={"name": organization.name},
            )
            await unit.flush()
            return await self._view(unit, organization, Role.OWNER)

    async def get(self, principal: Principal) -> OrganizationOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            organization = await unit.organizations.get(principal.organization_id)
            return await self._view(unit, organization, principal.role)

    async def rename(self, principal: Principal, patch: OrganizationPatch) -> OrganizationOut:
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            organization = await unit.members.lock_organization()
            before, organization.name = organization.name, patch.name.strip()
            await unit.tell(
                AuditAction.ORGANIZATION_RENAMED,
                principal,
                target=f"organization:{organization.id}",
                before={"name": before},
                after={"name": organization.name},
            )
            return await self._view(unit, organization, principal.role)

    async def transfer(self, principal: Principal, organization_id: UUID, wanted: OwnershipTransfer) -> None:
        """Another member becomes the owner, the caller an admin: both or neither.

        Raises what `IdentityProofs.require` raises.
        """
        heir_id = wanted.member_id
        require_current(principal, organization_id)
        if heir_id == principal.user_id:
            raise Conflict("You own this organisation already. Name another member.", code="already_owner")
        await self._proofs.require(principal, wanted)
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            await unit.members.lock_organization()
            giver, heir = await unit.members.get(principal.user_id), await unit.members.get(heir_id)
            before = {"giver": giver.role.value, "heir": heir.role.value}
            giver.role, heir.role = Role.ADMIN, Role.OWNER
            await unit.tell(
                AuditAction.OWNERSHIP_TRANSFERRED,
                principal,
                target=f"user:{heir_id}",
                before=before,
                after={"giver": giver.role.value, "heir": heir.role.value},
            )
        log.info("organization_transferred", organization_id=str(organization_id), heir=str(heir_id))

    async def ask_deletion(
        self, principal: Principal, organization_id: UUID, wanted: OrganizationDeletion
    ) -> OrganizationOut:
        """From now on nothing new is made there; `OrganizationPurge` does the rest when it is due.

        Its name is typed by whoever asks, so that nobody does by mistake. Raises what `IdentityProofs.require` raises.
        """
        require_current(principal, organization_id)
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            _require_named(await unit.organizations.get(organization_id), wanted.name)
        await self._proofs.require(principal, wanted)
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            organization = await unit.members.lock_organization()
            _require_named(organization, wanted.name)
            organization.deletion_due_at = organization.deletion_due_at or utc_now() + self._grace
            await unit.tell(
                AuditAction.ORGANIZATION_DELETION_ASKED,
                principal,
                target=f"organization:{organization_id}",
                after={"due": organization.deletion_due_at.isoformat()},
            )
            asked = await self._view(unit, organization, principal.role)
        log.info("organization_deletion_asked", organization_id=str(organization_id))
        return asked

    async def take_back_deletion(self, principal: Principal, organization_id: UUID) -> OrganizationOut:
        """Until it is due. Afterwards nobody can sign in to it any more."""
        require_current(principal, organization_id)
        async with self._units.tenant(organization_id, principal.user_id) as unit:
            organization = await unit.members.lock_organization()
            due, organization.deletion_due_at = organization.deletion_due_at, None
            if due is not None:
                await unit.tell(
                    AuditAction.ORGANIZATION_DELETION_TAKEN_BACK,
                    principal,
                    target=f"organization:{organization_id}",
                    before={"due": due.isoformat()},
                )
            return await self._view(unit, organization, principal.role)

    @staticmethod
    async def _view(unit: TenantUnit, organization: Organization, role: Role) -> OrganizationOut:
        return OrganizationOut(
            id=organization.id,
            name=organization.name,
            role=role,
            members=await unit.members.count(),
            created_at=organization.created_at,
            deletion_due_at=organization.deletion_due_at,
        )


def require_current(principal: Principal, organization_id: UUID) -> None:
    """What can't be undone names its organisation: another tab may have switched the session meanwhile."""
    if principal.organization_id != organization_id:
        raise NotFound("You are not signed in to this organisation.", code="organization_not_found")


def _require_named(organization: Organization, name: str) -> None:
    if name.strip() != organization.name:
        raise InvalidInput.for_field("/name", "other_name", "Type the name of the organisation to delete it.")
