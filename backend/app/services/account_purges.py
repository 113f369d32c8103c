"""Removing what is left of accounts whose time is over: first what they made, place by place, then who they were.

Every step may be repeated, and the person's row is changed last: whoever is stopped in between finds it again. What an
organisation has to be able to account for stays without its person (docs/adr on deleting an account).
"""

from __future__ import annotations

from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, Role
from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.integrations.storage.protocol import Storage
from app.services.closing import AT_ONCE, UPKEEP, end_open_jobs
from app.services.letters import write_letter
from app.services.mails import MailService
from app.services.quotas import QuotaService
from app.services.unit_of_work import TenantUnit, UnitsOfWork

log = get_logger(__name__)

DELETED_NAME = "Deleted account"


class AccountPurge:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, quotas: QuotaService, mails: MailService) -> None:
        self._units = units
        self._storage = storage
        self._quotas = quotas
        self._mails = mails
        self._purging = False

    async def purge_due(self) -> int:
        """Remove all that are due; returns how many accounts are gone. One run at a time is enough."""
        if self._purging:
            return 0
        self._purging = True
        try:
            async with self._units.identity() as unit:
                due = await unit.users.due_for_deletion(utc_now())
            return sum([await self._purge(user_id) for user_id in due])
        finally:
            self._purging = False

    async def _purge(self, user_id: UUID) -> bool:
        try:
            for organization_id in await self._places_of(user_id):
                if not await self._end_jobs(organization_id, user_id):
                    return False  # a worker holds a job: it hears of it within a heartbeat, and we come again
                await self._remove_images(organization_id, user_id)
                await self._remove_exports(organization_id, user_id)
                await self._remove_rows(organization_id, user_id)
                await self._leave(organization_id, user_id)
            return await self._forget(user_id)
        except Unavailable as error:
            log.warning("account_purge_interrupted", user_id=str(user_id), code=error.code)
            return False

    async def _places_of(self, user_id: UUID) -> list[UUID]:
        """Where they belong, and where they left something behind when they went."""
        async with self._units.queue() as queue:
            made = await queue.closing.organizations_with_jobs_of(user_id)
        async with self._units.identity(user_id) as unit:
            memberships = await unit.organizations.memberships_of(user_id)
        return sorted({*made, *(organization.id for organization, _ in memberships)})

    async def _end_jobs(self, organization_id: UUID, user_id: UUID) -> bool:
        return await end_open_jobs(self._units, self._quotas, organization_id, user_id=user_id)

    async def _remove_images(self, organization_id: UUID, user_id: UUID) -> None:
        while True:
            async with self._units.tenant(organization_id, user_id) as unit:
                removed = await unit.personal_data.remove_images(user_id, AT_ONCE)
            for image in removed:
                for key in image.keys:
                    await self._storage.delete(key)
            if not removed:
                return

    async def _remove_exports(self, organization_id: UUID, user_id: UUID) -> None:
        async with self._units.tenant(organization_id, user_id) as unit:
            exports = await unit.exports.all_of(user_id)
        for export in exports:
            async for key in self._storage.list(f"{organization_id}/exports/{export.id}/"):
                await self._storage.delete(key)
            async with self._units.tenant(organization_id, user_id) as unit:
                await unit.exports.delete(export)

    async def _remove_rows(self, organization_id: UUID, user_id: UUID) -> None:
        async with self._units.tenant(organization_id, user_id) as unit:
            await unit.personal_data.remove_rows(user_id)
        while True:
            async with self._units.tenant(organization_id, user_id) as unit:
                if not await unit.personal_data.blank_jobs(user_id, AT_ONCE):
                    return

    async def _leave(self, organization_id: UUID, user_id: UUID) -> None:
        """End the membership. Nobody is left: the organisation goes too. No owner is left: somebody becomes it."""
        async with self._units.tenant(organization_id, user_id) as unit:
            organization = await unit.members.lock_organization()
            if await unit.members.find_role(user_id) is None:
                return
            if await unit.members.count() == 1:
                organization.deletion_due_at = utc_now()
            elif not await unit.members.has_other_owner(user_id):
                await self._promote_heir(unit, user_id)
            membership = await unit.members.get(user_id)
            before = {"role": membership.role.value}
            await unit.members.remove(membership)
            await unit.audit.write(
                AuditAction.MEMBER_LEFT,
                organization_id=organization_id,
                actor_id=None,
                origin=UPKEEP,
                target=f"user:{user_id}",
                before=before,
                after={"because": "account_deleted"},
            )

    @staticmethod
    async def _promote_heir(unit: TenantUnit, user_id: UUID) -> None:
        """The last other owner has gone or was disabled in the grace time. The strongest who is left takes over."""
        heir = next((each for each, _, _ in await unit.members.list_members() if each.user_id != user_id), None)
        if heir is None or heir.role is Role.OWNER:
            return
        before, heir.role = heir.role, Role.OWNER
        await unit.audit.write(
            AuditAction.OWNERSHIP_TRANSFERRED,
            organization_id=unit.organization_id,
            actor_id=None,
            origin=UPKEEP,
            target=f"user:{heir.user_id}",
            before={"heir": before.value},
            after={"heir": heir.role.value, "because": "account_deleted"},
        )

    async def _forget(self, user_id: UUID) -> bool:
        """False when another upkeep was faster."""
        async with self._units.identity(user_id) as unit:
            user = await unit.users.get_locked(user_id)
            if user.deletion_due_at is None:
                return False
            letter = write_letter("account_deleted", user.language or Language.ENGLISH)
            await self._mails.post(unit, user.email, letter)
            await unit.users.forget(user, DELETED_NAME, utc_now())
            await unit.audit.write(
                AuditAction.ACCOUNT_DELETED,
                organization_id=None,
                actor_id=None,
                origin=UPKEEP,
                target=f"user:{user_id}",
            )
        log.info("account_deleted", user_id=str(user_id))
        return True
