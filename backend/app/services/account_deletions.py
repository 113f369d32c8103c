"""Deleting one's own account: asked for with proof, taken back within the grace time, then done by `AccountPurge`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, Role, TokenPurpose
from app.core.errors import Conflict
from app.core.logging import get_logger
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import Organization, User
from app.schemas.accounts import AccountDeletionOut, DeletionPreview, NamedOrganization
from app.schemas.proofs import ProofInput
from app.services.addresses import link_not_valid
from app.services.identity_proofs import IdentityProofs
from app.services.letters import write_letter
from app.services.mails import MailService
from app.services.sessions import SessionService
from app.services.unit_of_work import IdentityUnit, UnitsOfWork

log = get_logger(__name__)


class AccountDeletionService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        proofs: IdentityProofs,
        sessions: SessionService,
        mails: MailService,
        grace: timedelta,
        public_url: str,
    ) -> None:
        self._units = units
        self._proofs = proofs
        self._sessions = sessions
        self._mails = mails
        self._grace = grace
        self._public_url = public_url

    async def preview(self, principal: Principal) -> DeletionPreview:
        """What would happen, and what is in the way."""
        async with self._units.identity(principal.user_id) as unit:
            organizations = await unit.organizations.memberships_of(principal.user_id)
        kept, lost = await self._sort(principal.user_id, [organization for organization, _ in organizations])
        wanted = await self._proofs.wanted(principal)
        return DeletionPreview(
            needs_password=wanted.needs_password,
            needs_code=wanted.needs_code,
            grace_hours=self._grace.total_seconds() / 3600,
            owned_alone=[NamedOrganization.model_validate(each) for each in kept],
            deleted_too=[NamedOrganization.model_validate(each) for each in lost],
        )

    async def ask(self, principal: Principal, proof: ProofInput, *, language: Language) -> AccountDeletionOut:
        """Every session and key ends at once. Until the time that this returns, the link in the mail takes it back.

        Raises what `IdentityProofs.require` raises, and `Conflict` while others depend on the caller.
        """
        await self._proofs.require(principal, proof)
        due, token = utc_now() + self._grace, new_secret_token()
        async with self._units.identity(principal.user_id) as unit:
            # Held until the end: meanwhile nobody leaves these organisations, is made owner, or deletes their account.
            organizations = await unit.organizations.lock_all_of(principal.user_id)
            user = await unit.users.get_locked(principal.user_id)
            await self._require_dispensable(user, organizations)
            user.deletion_due_at = due
            ended = await self._sessions.end_all_of(unit, user.id, because="account_deleted")
            await unit.account_tokens.withdraw(user.id, *TokenPurpose)
            await unit.account_tokens.add(
                TokenPurpose.RESTORE_ACCOUNT, hash_token(token), user_id=user.id, good_for=self._grace
            )
            await self._write(unit, user, "account_closing", language, f"restore-account#{token}")
            await unit.audit.write(
                AuditAction.ACCOUNT_DELETION_ASKED,
                organization_id=principal.organization_id,
                actor_id=user.id,
                origin=principal.origin,
                target=f"user:{user.id}",
                after={"due": due.isoformat(), "ended_sessions": len(ended)},
            )
        for organization in organizations:
            async with self._units.tenant(organization.id, principal.user_id) as tenant:
                await tenant.keys.revoke_all_of(principal.user_id, utc_now())
        log.info("account_deletion_asked", user_id=str(principal.user_id))
        return AccountDeletionOut(deletion_due_at=due)

    async def restore(self, token: str, *, origin: Origin, language: Language) -> None:
        """Keep the account. Sessions and keys stay ended: the person signs in anew. Raises `InvalidInput`."""
        token_hash = hash_token(token)
        async with self._units.identity() as unit:
            found = await unit.account_tokens.find(TokenPurpose.RESTORE_ACCOUNT, token_hash)
        if found is None or found.user_id is None:
            raise link_not_valid()
        async with self._units.identity(found.user_id) as unit:
            user = await unit.users.get_locked(found.user_id)
            due = user.deletion_due_at
            used = await unit.account_tokens.use(TokenPurpose.RESTORE_ACCOUNT, token_hash)
            if due is None or due <= utc_now() or not used:
                raise link_not_valid()
            user.deletion_due_at = None
            await unit.account_tokens.withdraw(user.id, TokenPurpose.RESTORE_ACCOUNT)
            await self._write(unit, user, "account_kept", language, "login")
            await unit.audit.write(
                AuditAction.ACCOUNT_DELETION_TAKEN_BACK,
                organization_id=await unit.organizations.find_home_id(user.id),
                actor_id=user.id,
                origin=origin,
                target=f"user:{user.id}",
                before={"due": due.isoformat()},
            )
        log.info("account_deletion_taken_back", user_id=str(user.id))

    async def _require_dispensable(self, user: User, organizations: list[Organization]) -> None:
        if user.deletion_due_at is not None:
            raise Conflict("Your account is going to be deleted already.", code="account_closing")
        owned, _ = await self._sort(user.id, organizations)
        if owned:
            names = ", ".join(f"“{each.name}”" for each in owned)
            raise Conflict(
                f"Others belong to {names}, and nobody but you owns it. Hand it on to another member, or delete it, "
                "then delete your account.",
                code="owner_of_others",
            )

    async def _sort(
        self, user_id: UUID, organizations: list[Organization]
    ) -> tuple[list[Organization], list[Organization]]:
        """Those that have other members and no other owner, and those that have no other member at all."""
        owned, alone = [], []
        for organization in organizations:
            async with self._units.tenant(organization.id, user_id) as unit:
                if await unit.members.count() == 1:
                    alone.append(organization)
                elif await unit.members.find_role(user_id) is Role.OWNER and not await unit.members.has_other_owner(
                    user_id
                ):
                    owned.append(organization)
        return owned, alone

    async def _write(self, unit: IdentityUnit, user: User, kind: str, language: Language, page: str) -> None:
        hours = max(1, round(self._grace.total_seconds() / 3600))
        letter = write_letter(kind, user.language or language, link=f"{self._public_url}/{page}", hours=hours)
        await self._mails.post(unit, user.email, letter)
