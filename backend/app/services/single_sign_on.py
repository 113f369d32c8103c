"""Single sign-on by OpenID Connect: the way to the provider and back, and its word that a session is over."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import time
from urllib.parse import quote

import orjson

from app.core.clock import utc_now
from app.core.enums import AuditAction, Language, TokenPurpose
from app.core.errors import InvalidInput, NotFound, Unauthenticated
from app.core.logging import get_logger
from app.core.sealing import BrokenSeal, Sealer
from app.core.security import Origin, hash_token
from app.integrations.oidc.provider import OidcProvider
from app.integrations.oidc.tokens import BadToken
from app.services.external_accounts import ExternalAccounts
from app.services.sessions import SessionService, SignedInBy, SignIn
from app.services.unit_of_work import UnitsOfWork
from app.utils.paths import own_path

log = get_logger(__name__)

FLOW_SECONDS = 600
"""So long may somebody take at the provider's page."""
REMEMBERED = timedelta(minutes=15)
"""Longer than a logout token is taken for one of now: it is good once."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what it has to bring back: sealed, so that it can neither read nor change it."""

    url: str
    flow: str


@dataclass(frozen=True, slots=True)
class Arrival:
    signed_in: SignIn
    next_path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider's page sent the browser back with (RFC 6749, 4.1.2; RFC 9207)."""

    code: str | None
    state: str | None
    issuer: str | None
    error: str | None


class SingleSignOnService:
    def __init__(
        self,
        units: UnitsOfWork,
        *,
        providers: Mapping[str, OidcProvider],
        accounts: ExternalAccounts,
        sessions: SessionService,
        secret: bytes,
        public_url: str,
    ) -> None:
        self._units = units
        self._providers = providers
        self._accounts = accounts
        self._sessions = sessions
        self._sealer = Sealer(secret, "single-sign-on")
        self._public_url = public_url

    async def depart(self, name: str, next_path: str | None) -> Departure:
        """Raises `NotFound`, and what the provider raises when it is away."""
        provider = self._provider(name)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        url = await provider.authorization_url(
            redirect_uri=self._redirect_uri(name), state=state, nonce=nonce, verifier=verifier
        )
        flow = {"state": state, "nonce": nonce, "verifier": verifier, "next": own_path(next_path), "at": int(time())}
        sealed = self._sealer.seal(orjson.dumps(flow), name.encode())
        return Departure(url, sealed.hex())

    async def arrive(
        self, name: str, answer: Answer, flow: str | None, *, origin: Origin, language: Language
    ) -> Arrival:
        """Sign in whom the provider vouches for.

        Raises what `OidcProvider.identify` and `ExternalAccounts.admit` raise, and `Unauthenticated` for an answer that
        does not belong to what this browser was sent off with.
        """
        provider = self._provider(name)
        begun = self._open(name, flow)
        if answer.state is None or not hmac.compare_digest(answer.state.encode(), begun["state"].encode()):
            raise _begin_again("state")
        await self._require_issuer(provider, answer.issuer)
        if answer.error is not None or answer.code is None:
            raise _refused_there(answer.error)
        person = await provider.identify(
            answer.code, redirect_uri=self._redirect_uri(name), nonce=begun["nonce"], verifier=begun["verifier"]
        )
        account = await self._accounts.admit(provider.settings, person, origin=origin, language=language)
        signed_in = await self._sessions.start(
            account.user_id,
            origin,
            organization_id=account.organization_id,
            by=SignedInBy(person.issuer, person.subject, person.sid),
        )
        log.info("signed_in_by_provider", provider=name, user_id=str(account.user_id))
        return Arrival(signed_in, own_path(begun["next"]))

    async def end_by_provider(self, name: str, logout_token: str, *, origin: Origin) -> int:
        """Back-channel logout: how many sessions it ended. Raises `InvalidInput` for a token that isn't good."""
        provider = self._provider(name)
        try:
            claims = await provider.read_logout_token(logout_token)
        except BadToken as error:
            log.warning("logout_token_refused", provider=name, reason=str(error))
            raise _bad_logout_token() from error
        issuer, now = provider.settings.issuer, utc_now()
        async with self._units.identity() as unit:
            seen = hash_token(f"{issuer} {claims.token_id}")
            if not await unit.account_tokens.add_once(TokenPurpose.LOGOUT_TOKEN, seen, good_for=REMEMBERED):
                raise _bad_logout_token()
            ended = await unit.identities.end_sessions(
                issuer, subject=claims.subject, sid=claims.sid, because="signed_out_at_provider", now=now
            )
            for session in ended:
                await unit.audit.write(
                    AuditAction.SESSION_ENDED,
                    organization_id=session.organization_id,
                    actor_id=session.user_id,
                    origin=origin,
                    target=f"session:{session.id}",
                    after={"because": "signed_out_at_provider", "provider": name},
                )
        self._sessions.forget(session.id for session in ended)
        log.info("ended_by_provider", provider=name, sessions=len(ended))
        return len(ended)

    def _provider(self, name: str) -> OidcProvider:
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound("This studio has no such sign-in service.", code="unknown_provider")
        return provider

    def _redirect_uri(self, name: str) -> str:
        return f"{self._public_url}/api/v1/auth/oidc/{quote(name)}/callback"

    def _open(self, name: str, flow: str | None) -> dict[str, str]:
        try:
            begun = orjson.loads(self._sealer.open(bytes.fromhex(flow or ""), name.encode()))
        except (BrokenSeal, ValueError) as error:
            raise _begin_again("flow") from error
        if time() - begun["at"] > FLOW_SECONDS:
            raise _begin_again("too_late")
        return {key: str(value) for key, value in begun.items()}

    async def _require_issuer(self, provider: OidcProvider, said: str | None) -> None:
        """RFC 9207: another provider's answer, led to this one's address, is refused before its code goes anywhere."""
        if said is None and not (await provider.metadata()).names_itself:
            return
        if said != provider.settings.issuer:
            raise _begin_again("issuer")


def _begin_again(reason: str) -> Unauthenticated:
    log.warning("sso_answer_refused", reason=reason)
    return Unauthenticated("Signing in did not end where it began, or took too long. Try again.", code="sso_expired")


def _refused_there(error: str | None) -> Unauthenticated:
    log.info("sso_refused_there", denied=error == "access_denied")
    return Unauthenticated("The sign-in service did not let you in.", code="sso_denied")


def _bad_logout_token() -> InvalidInput:
    return InvalidInput.for_field("/logout_token", "invalid_logout_token", "The logout token is not valid.")
