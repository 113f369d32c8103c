"""API keys: made, shown once, used, listed, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction, Role, Scope
from app.core.errors import Conflict, Forbidden, Unauthenticated
from app.core.ids import new_id
from app.core.security import Origin, Principal, hash_token, new_secret_token
from app.models import ApiKey
from app.schemas.keys import ApiKeyCreated, ApiKeyList, ApiKeyOut, NewApiKey
from app.services.policies import MANAGERS, granted_scopes
from app.services.unit_of_work import UnitsOfWork
from app.utils.expiring import Expiring

KEY_MARK = "esl_"
SHOWN_CHARS = 12
MAX_KEYS_PER_USER = 50
LIVENESS_SECONDS = 5.0
"""For this long a process may go on accepting a key that was revoked elsewhere."""


class ApiKeyService:
    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._known: Expiring[bytes, Principal] = Expiring(seconds=LIVENESS_SECONDS, most=50_000)

    async def create(self, principal: Principal, wanted: NewApiKey) -> ApiKeyCreated:
        """The only time that the key itself is told. Raises `Forbidden` for scopes that the caller has not."""
        lacking = sorted(set(wanted.scopes) - principal.scopes)
        if lacking:
            raise Forbidden(f"You can't give a key what you don't have: {', '.join(lacking)}.", code="missing_scope")
        secret, now = KEY_MARK + new_secret_token(), utc_now()
        key = ApiKey(
            organization_id=principal.organization_id,
            id=new_id(),
            user_id=principal.user_id,
            name=wanted.name.strip(),
            prefix=secret[:SHOWN_CHARS],
            key_hash=hash_token(secret),
            scopes=sorted(set(wanted.scopes)),
            created_at=now,
            expires_at=None if wanted.expires_in_days is None else now + timedelta(days=wanted.expires_in_days),
        )
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            if await unit.keys.count_of(principal.user_id) >= MAX_KEYS_PER_USER:
                raise Conflict(f"You have {MAX_KEYS_PER_USER} API keys. Revoke one first.", code="too_many_keys")
            unit.keys.add(key)
            owner = await unit.users.get(principal.user_id)
            await unit.tell(AuditAction.KEY_CREATED, principal, target=f"key:{key.id}", after=_told(key))
        return ApiKeyCreated(**_view(key, owner.name).model_dump(), key=secret)

    async def list_keys(self, principal: Principal, *, everyones: bool) -> ApiKeyList:
        """One's own; all of the organisation for those who manage it."""
        if everyones and principal.role not in MANAGERS:
            raise Forbidden("Only owners and admins see everybody's keys.", code="role_not_allowed")
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            keys = await unit.keys.list_keys(None if everyones else principal.user_id)
        return ApiKeyList(items=[_view(key, name) for key, name in keys])

    async def revoke(self, principal: Principal, key_id: UUID) -> None:
        """One's own, or anybody's for those who manage the organisation. Raises `NotFound`."""
        anybodys = principal.role in MANAGERS
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            key = await unit.keys.get_locked(key_id, None if anybodys else principal.user_id)
            key.revoked_at = utc_now()
            await unit.tell(AuditAction.KEY_REVOKED, principal, target=f"key:{key.id}", before=_told(key))
        self._known.forget(key.key_hash)

    async def authenticate(self, key: str, origin: Origin) -> Principal:
        """Who calls. Raises `Unauthenticated` for a key that is unknown, revoked, expired, or of a former member."""
        key_hash = hash_token(key)
        principal = self._known.find(key_hash)
        if principal is None:
            principal = await self._find(key_hash)
            if principal is None:
                raise Unauthenticated("The API key is not valid: it may be revoked or expired.", code="invalid_key")
            self._known.keep(key_hash, principal)
        return Principal(
            user_id=principal.user_id,
            organization_id=principal.organization_id,
            role=principal.role,
            scopes=principal.scopes,
            key_id=principal.key_id,
            origin=origin,
        )

    async def find_standing(self, principal: Principal) -> Role | None:
        """The owner's role while the key is good; for streams that stay open."""
        assert principal.key_id is not None, "asked of a caller with a key"
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            return await unit.keys.find_standing(principal.key_id, utc_now())

    async def _find(self, key_hash: bytes) -> Principal | None:
        now = utc_now()
        async with self._units.identity() as unit:
            organization_id = await unit.credentials.find_organization_of_key(key_hash)
        if organization_id is None:
            return None
        async with self._units.tenant(organization_id) as unit:
            found = await unit.keys.find_usable(key_hash, now)
            if found is None:
                return None
            key, role = found
            await unit.keys.note_use(key.id, now)
        return Principal(
            user_id=key.user_id,
            organization_id=organization_id,
            role=role,
            scopes=granted_scopes(role, frozenset(Scope(word) for word in key.scopes)),
            key_id=key.id,
        )


def _view(key: ApiKey, owner: str) -> ApiKeyOut:
    return ApiKeyOut(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=[Scope(word) for word in key.scopes],
        user_id=key.user_id,
        user_name=owner,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )


def _told(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "prefix": key.prefix, "scopes": key.scopes, "user_id": str(key.user_id)}
