"""One OpenID Connect provider: where it is (by discovery), what it is asked, and what its answers are worth."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from app.core.oidc_settings import OidcProviderSettings, is_safe_url
from app.integrations.oidc.http import ProviderHttp, make_provider_client
from app.integrations.oidc.keys import ProviderKeys
from app.integrations.oidc.tokens import BadToken, LogoutClaims, ProviderTokens

DISCOVERY_PATH = "/.well-known/openid-configuration"
FRESH_SECONDS = 3600.0
MAX_GROUPS = 1000
MAX_NAME = 100
MAX_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool
    """RFC 9207: every answer to the browser says which provider gave it."""
    secret_in_body: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for. `email` is in lower case; `sid` is the provider's own session."""

    issuer: str
    subject: str
    sid: str | None
    email: str | None
    email_verified: bool
    name: str
    groups: frozenset[str]


class OidcProvider:
    def __init__(self, settings: OidcProviderSettings) -> None:
        self.settings = settings
        self._http = ProviderHttp(settings.name, make_provider_client(settings))
        self._keys = ProviderKeys(self._fetch_keys)
        self._tokens = ProviderTokens(
            issuer=settings.issuer, client_id=settings.client_id, algorithms=settings.algorithms, keys=self._keys
        )
        self._metadata: Metadata | None = None
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def close(self) -> None:
        await self._http.close()

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        metadata = await self.metadata()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{separator}{urlencode(parameters)}"

    async def identify(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> Person:
        """Trade the code for tokens and read them. Raises `UpstreamFailed` for whatever is wrong, `Unavailable`."""
        tokens = await self._redeem(code, redirect_uri=redirect_uri, verifier=verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str | None):
            raise self._http.failed("no_id_token")
        try:
            claims = await self._tokens.read_id_token(id_token, nonce=nonce, access_token=access_token)
        except BadToken as error:
            raise self._http.failed(f"id_token_{error}") from error
        return self._person(await self._with_userinfo(claims, access_token))

    async def read_logout_token(self, token: str) -> LogoutClaims:
        """Raises `BadToken`."""
        return await self._tokens.read_logout_token(token)

    async def metadata(self) -> Metadata:
        async with self._lock:
            if self._metadata is None or time.monotonic() - self._read_at > FRESH_SECONDS:
                document = await self._http.get(self.settings.issuer.rstrip("/") + DISCOVERY_PATH)
                self._metadata, self._read_at = self._read_metadata(document), time.monotonic()
            return self._metadata

    def _read_metadata(self, document: dict[str, Any]) -> Metadata:
        if document.get("issuer") != self.settings.issuer:
            raise self._http.failed("another_issuer")
        if "S256" not in document.get("code_challenge_methods_supported", ["S256"]):
            raise self._http.failed("no_pkce")
        userinfo = document.get("userinfo_endpoint")
        for address in (
            document.get("authorization_endpoint"),
            document.get("token_endpoint"),
            document.get("jwks_uri"),
            *([] if userinfo is None else [userinfo]),
        ):
            if not is_safe_url(address):
                raise self._http.failed("unsafe_address")
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            authorization_endpoint=document["authorization_endpoint"],
            token_endpoint=document["token_endpoint"],
            jwks_uri=document["jwks_uri"],
            userinfo_endpoint=userinfo,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body="client_secret_basic" not in methods and "client_secret_post" in methods,
        )

    async def _redeem(self, code: str, *, redirect_uri: str, verifier: str) -> dict[str, Any]:
        metadata, secret = await self.metadata(), self.settings.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        if secret is None:
            form["client_id"] = self.settings.client_id
            return await self._http.post(metadata.token_endpoint, form, auth=None)
        if metadata.secret_in_body:
            form |= {"client_id": self.settings.client_id, "client_secret": secret.get_secret_value()}
            return await self._http.post(metadata.token_endpoint, form, auth=None)
        # RFC 6749, 2.3.1: both are form-encoded before they become a header.
        auth = quote_plus(self.settings.client_id), quote_plus(secret.get_secret_value())
        return await self._http.post(metadata.token_endpoint, form, auth=auth)

    async def _fetch_keys(self) -> dict[str, Any]:
        return await self._http.get((await self.metadata()).jwks_uri)

    async def _with_userinfo(self, claims: dict[str, Any], access_token: str | None) -> dict[str, Any]:
        """Many providers keep the ID token short and tell the rest at the userinfo endpoint, about the same subject."""
        complete = "email" in claims and (not self.settings.roles or self.settings.groups_claim in claims)
        endpoint = (await self.metadata()).userinfo_endpoint
        if complete or endpoint is None or access_token is None:
            return claims
        more = await self._http.get(endpoint, bearer=access_token)
        if more.get("sub") != claims["sub"]:
            raise self._http.failed("userinfo_of_another")
        return {**more, **claims}

    def _person(self, claims: dict[str, Any]) -> Person:
        email = claims.get("email")
        usable = isinstance(email, str) and "@" in email and len(email) <= MAX_EMAIL and "\x00" not in email
        groups = claims.get(self.settings.groups_claim)
        groups = groups if isinstance(groups, list) else [groups]
        sid = claims.get("sid")
        return Person(
            issuer=self.settings.issuer,
            subject=claims["sub"],
            sid=sid if isinstance(sid, str) else None,
            email=email.strip().lower() if isinstance(email, str) and usable else None,
            # Some say "true" in letters. Whoever says nothing is believed only where the settings say so.
            email_verified=claims.get("email_verified", self.settings.trust_email) in {True, "true"},
            name=_name_in(claims) or "Member",
            groups=frozenset(each for each in groups[:MAX_GROUPS] if isinstance(each, str)),
        )


def _name_in(claims: dict[str, Any]) -> str:
    for claim in ("name", "preferred_username", "email"):
        value = claims.get(claim)
        if isinstance(value, str):
            line = " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())
            if line:
                return line[:MAX_NAME]
    return ""
