"""How often a caller may ask, and how often a password may be guessed."""

from __future__ import annotations

import ipaddress
import math

from app.core.errors import RateLimited
from app.core.security import Origin, Principal
from app.integrations.guessing import GuessingLimiter, Patience, Suspect
from app.integrations.rate_limits import RateLimiter, Spent

__all__ = ["GuessLimits", "RequestLimits", "Spent"]

# One person at one place who mistypes: five attempts without delay, then 1, 2, 4 … seconds.
_PAIR = Patience(free=5, longest=300, memory=3600)
# One place that tries many accounts, or many places that try one account.
_PLACE = Patience(free=40, longest=60, memory=900)
_ACCOUNT = Patience(free=40, longest=60, memory=3600)


class RequestLimits:
    """Token buckets: one a user, one an organisation, and one an address for whoever has not signed in."""

    def __init__(self, users: RateLimiter, organizations: RateLimiter, addresses: RateLimiter) -> None:
        self._users = users
        self._organizations = organizations
        self._addresses = addresses

    async def spend(self, principal: Principal) -> dict[str, Spent]:
        """One request of the user's and of the organisation's; the figures go into the answer's headers."""
        user = await self._users.spend(f"{principal.organization_id}:{principal.user_id}")
        if user.refused:  # one person's flood is not the organisation's
            return {"user": user}
        return {"user": user, "organization": await self._organizations.spend(str(principal.organization_id))}

    async def spend_unknown(self, origin: Origin) -> dict[str, Spent]:
        return {"address": await self._addresses.spend(place_of(origin))}


class GuessLimits:
    """Who may try a password now.

    A browser in which the person has signed in before (it holds a device cookie) is counted by itself: an attacker who
    keeps the account's delay at its longest does not keep its owner out. Addresses and accounts are told apart by
    hashes, and unknown accounts are counted like known ones.
    """

    def __init__(self, limiter: GuessingLimiter) -> None:
        self._limiter = limiter

    async def admit(self, email: str, origin: Origin, *, device: str | None) -> list[Suspect]:
        """Count the attempt; `forgive` takes it back. Raises `RateLimited` when it comes too soon."""
        suspects = self._suspects(email, origin, device)
        wait = await self._limiter.attempt(suspects)
        if wait > 0:
            raise RateLimited(
                "There were too many wrong attempts to sign in. Wait a little, then try again, or reset your password.",
                max(1, math.ceil(wait)),
            )
        return suspects

    async def forgive(self, suspects: list[Suspect]) -> None:
        await self._limiter.forgive(suspects)

    @staticmethod
    def _suspects(email: str, origin: Origin, device: str | None) -> list[Suspect]:
        if device is not None:
            return [Suspect("device", f"{email} {device}", _PAIR)]
        place = place_of(origin)
        return [
            Suspect("pair", f"{email} {place}", _PAIR),
            Suspect("place", place, _PLACE),
            Suspect("account", email, _ACCOUNT),
        ]


def place_of(origin: Origin) -> str:
    """The address; of IPv6 the /64, since whoever has one address there has all of them."""
    try:
        address = ipaddress.ip_address(origin.address or "")
    except ValueError:
        return origin.address or "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
