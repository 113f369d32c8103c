"""Who calls: by a session's access token or by an API key."""

from __future__ import annotations

from app.core.security import Origin, Principal
from app.services.keys import KEY_MARK, ApiKeyService
from app.services.sessions import SessionService


class CallerService:
    def __init__(self, sessions: SessionService, keys: ApiKeyService) -> None:
        self._sessions = sessions
        self._keys = keys

    async def identify(self, credential: str, origin: Origin) -> Principal:
        """Raises `Unauthenticated` for whatever is wrong with it."""
        if credential.startswith(KEY_MARK):
            return await self._keys.authenticate(credential, origin)
        return await self._sessions.authenticate(credential, origin)

    async def is_live(self, principal: Principal) -> bool:
        """Whether the caller of a while ago would still be let in."""
        owner = self._sessions if principal.session_id is not None else self._keys
        return await owner.find_standing(principal) is not None
