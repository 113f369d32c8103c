"""How often a caller may ask, and how often a password may be guessed."""

from __future__ import annotations

import ipaddress
import math
from functools import lru_cache
from uuid import UUID

from app.core.errors import RateLimited
from app.core.security import Origin, Principal
from app.integrations.guessing import GuessingLimiter, Patience, Suspect
from app.integrations.rate_limits import Bucket, RateLimiter, Spent

__all__ = ["GuessLimits", "RequestLimits", "Spent"]

# One person at one place who mistypes: five attempts without delay, then 1, 2, 4 … seconds.
_PAIR = Patience(free=5, longest=300, memory=3600)
# One place that tries many accounts, or many places that try one account.
_PLACE = Patience(free=40, longest=60, memory=900)
_ACCOUNT = Patience(free=40, longest=60, memory=3600)
# Mails that anyone may have sent to an address, and that one place may have sent to many.
_MAIL = Patience(free=3, longest=900, memory=3600)
_MAIL_PLACE = Patience(free=20, longest=60, memory=900)
# Invitations that one address may be sent, and that one organisation may send.
_INVITATION = Patience(free=5, longest=900, memory=3600)
_INVITATIONS = Patience(free=200, longest=60, memory=3600)


class RequestLimits:
    """Token buckets: one a user, one an organisation, and one an address for whoever has not signed in."""

    def __init__(self, limiter: RateLimiter, *, a_user: int, an_organization: int, an_address: int) -> None:
        """The figures are requests a minute."""
        self._limiter = limiter
        self._a_user = a_user
        self._an_organization = an_organization
        self._an_address = an_address

    async def spend(self, principal: Principal) -> dict[str, Spent]:
        """One request of the user's and then of the organisation's: one person's flood is not the organisation's.

        The figures go into the answer's headers.
        """
        organization = str(principal.organization_id)
        return await self._limiter.spend(
            Bucket("user", f"{organization}:{principal.user_id}", self._a_user),
            Bucket("organization", organization, self._an_organization),
        )

    async def spend_unknown(self, origin: Origin) -> dict[str, Spent]:
        return await self._limiter.spend(Bucket("address", place_of(origin.address), self._an_address))


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
        return await self._admit(
            self._suspects(email, origin, device),
            "There were too many wrong attempts to sign in. Wait a little, then try again, or reset your password.",
        )

    async def admit_person(self, user_id: UUID, what: str) -> list[Suspect]:
        """As `admit`, for a secret that only whoever is half or wholly signed in may guess at."""
        return await self._admit(
            [Suspect(what, str(user_id), _PAIR)], "There were too many wrong attempts. Wait a little, then try again."
        )

    async def admit_mail(self, whom: str, origin: Origin) -> None:
        """Who may have a mail sent now. Raises `RateLimited`, whether there is such an account or not."""
        await self._admit(
            [Suspect("mail", whom, _MAIL), Suspect("mail-place", place_of(origin.address), _MAIL_PLACE)],
            "You have asked for several mails. Wait a little, and look into your spam folder meanwhile.",
        )

    async def admit_invitation(self, email: str, organization_id: UUID) -> None:
        """An organisation may invite many, but send nobody mail after mail. Raises `RateLimited`."""
        organization = str(organization_id)
        await self._admit(
            [
                Suspect("invitation", f"{email} {organization}", _INVITATION),
                Suspect("invitations", organization, _INVITATIONS),
            ],
            "This address was invited several times. Wait a little, or hand the link on yourself.",
        )

    async def forgive(self, suspects: list[Suspect]) -> None:
        await self._limiter.forgive(suspects)

    async def _admit(self, suspects: list[Suspect], refusal: str) -> list[Suspect]:
        wait = await self._limiter.attempt(suspects)
        if wait > 0:
            raise RateLimited(refusal, max(1, math.ceil(wait)))
        return suspects

    @staticmethod
    def _suspects(email: str, origin: Origin, device: str | None) -> list[Suspect]:
        if device is not None:
            return [Suspect("device", f"{email} {device}", _PAIR)]
        place = place_of(origin.address)
        return [
            Suspect("pair", f"{email} {place}", _PAIR),
            Suspect("place", place, _PLACE),
            Suspect("account", email, _ACCOUNT),
        ]


@lru_cache(maxsize=4096)
def place_of(address: str | None) -> str:
    """The address; of IPv6 the /64, since whoever has one address there has all of them."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
