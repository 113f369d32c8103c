"""A provider's public keys: fetched when needed, again when they are old or one is unknown, and never often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

FRESH_SECONDS = 3600.0
REFETCH_SECONDS = 30.0
"""An unknown key id asks the provider at most this often: anyone may send us tokens with made-up ids."""
_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
MAX_KEYS = 100


class ProviderKeys:
    def __init__(
        self, fetch: Callable[[], Awaitable[dict[str, Any]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: list[Key] = []
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: object, algorithm: str) -> Key | None:
        """The key for signatures of that id, or the only one that fits when the token names none."""
        if self._age() > FRESH_SECONDS:
            await self._refresh(older_than=FRESH_SECONDS)
        found = self._known(kid, algorithm)
        if found is None and self._age() > REFETCH_SECONDS:
            await self._refresh(older_than=REFETCH_SECONDS)
            found = self._known(kid, algorithm)
        return found

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    async def _refresh(self, *, older_than: float) -> None:
        async with self._lock:
            if self._age() > older_than:  # else somebody else did it while this one waited
                keys = (await self._fetch()).get("keys")
                self._keys = [
                    key for each in (keys if isinstance(keys, list) else [])[:MAX_KEYS] if (key := _read(each))
                ]
                self._fetched_at = self._clock()

    def _known(self, kid: object, algorithm: str) -> Key | None:
        wanted = _TYPES[algorithm[:2]]
        fitting = [key for key in self._keys if key.key_type == wanted and (key.alg or algorithm) == algorithm]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)


def _read(value: Any) -> Key | None:
    """None for what is no public key for signatures. Other algorithms' keys in the set harm nobody."""
    if not isinstance(value, dict) or value.get("kty") not in _TYPES.values() or value.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(value)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
