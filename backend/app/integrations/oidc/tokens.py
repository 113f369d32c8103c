"""What a provider signs: ID tokens (OpenID Connect Core, 3.1.3.7) and logout tokens (Back-Channel Logout, 2.6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from joserfc.jwt import JWTClaimsRegistry

from app.core.clock import utc_now
from app.integrations.oidc.keys import ProviderKeys

LEEWAY_SECONDS = 60
MAX_TOKEN_CHARS = 32_768
MAX_SUBJECT_CHARS = 255
LOGOUT_SECONDS = 300
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class BadToken(Exception):
    """`args[0]` is a word for the log; whoever sent the token is told nothing."""


@dataclass(frozen=True, slots=True)
class LogoutClaims:
    """One of `subject` and `sid` is there, or both."""

    subject: str | None
    sid: str | None
    token_id: str


class ProviderTokens:
    def __init__(self, *, issuer: str, client_id: str, algorithms: Sequence[str], keys: ProviderKeys) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._algorithms = tuple(algorithms)
        self._keys = keys

    async def read_id_token(self, token: str, *, nonce: str, access_token: str | None) -> dict[str, Any]:
        """Its claims. Raises `BadToken`."""
        algorithm, claims = await self._read(token, exp={"essential": True})
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise BadToken("nonce")
        if "at_hash" in claims and access_token is not None:
            expected = _left_half(algorithm, access_token)
            if not hmac.compare_digest(str(claims["at_hash"]).encode(), expected.encode()):
                raise BadToken("at_hash")
        if not _is_name(claims.get("sub")):
            raise BadToken("sub")
        return claims

    async def read_logout_token(self, token: str) -> LogoutClaims:
        """Raises `BadToken`, also for an ID token that comes instead."""
        _, claims = await self._read(token, jti={"essential": True})
        subject, sid, events = claims.get("sub"), claims.get("sid"), claims.get("events")
        if "nonce" in claims:
            raise BadToken("nonce_in_logout_token")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise BadToken("events")
        if not (_is_name(subject) or _is_name(sid)) or not all(
            each is None or _is_name(each) for each in (subject, sid)
        ):
            raise BadToken("nobody")
        if not _is_name(claims["jti"]) or abs(utc_now().timestamp() - claims["iat"]) > LOGOUT_SECONDS:
            raise BadToken("not_of_now")
        return LogoutClaims(subject, sid, claims["jti"])

    async def _read(self, token: str, **wanted: Any) -> tuple[str, dict[str, Any]]:
        """Signature, issuer, audience, times. The algorithm is one that the settings name, whatever the token says."""
        try:
            if len(token) > MAX_TOKEN_CHARS:
                raise BadToken("too_long")
            header = extract_compact(token.encode()).headers()
            algorithm = header.get("alg")
            if algorithm not in self._algorithms:
                raise BadToken("algorithm")
            key = await self._keys.find(header.get("kid"), algorithm)
            if key is None:
                raise BadToken("unknown_key")
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            JWTClaimsRegistry(
                leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self._issuer}, iat={"essential": True}, **wanted
            ).validate(claims)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise BadToken(type(error).__name__) from error
        self._require_audience(claims)
        return algorithm, claims

    def _require_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._client_id not in audiences:
            raise BadToken("aud")
        if claims.get("azp", self._client_id if len(audiences) == 1 else None) != self._client_id:
            raise BadToken("azp")


def _left_half(algorithm: str, value: str) -> str:
    """Core, 3.1.3.6. Ed25519 hashes with SHA-512 inside."""
    digest = _HASHES.get(algorithm[-3:], hashlib.sha512)(value.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT_CHARS and "\x00" not in value
