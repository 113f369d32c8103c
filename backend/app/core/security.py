"""Keys, tokens and passwords. One secret makes all keys: each purpose derives its own with HKDF (RFC 5869)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

from app.core.clock import utc_now
from app.core.enums import Role, Scope
from app.core.errors import Unauthenticated
from app.core.ids import new_id

ALGORITHM = "Ed25519"  # RFC 9864: the fully specified name of EdDSA on this curve
AUDIENCE = "easel-api"
ACCESS_TYPE = "access"

# OWASP's password storage advice for Argon2id: 19 MiB, two passes, one lane.
_PASSWORD_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def derive_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=b"easel/" + purpose.encode()).derive(secret)


class Passwords:
    """Argon2id, off the event loop: a verification takes tens of milliseconds of CPU."""

    def __init__(self) -> None:
        # Verified when the account is unknown, so that the time tells nothing.
        self._decoy = _PASSWORD_HASHER.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        return await asyncio.to_thread(_PASSWORD_HASHER.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """True when it matches. With no hash it works as long, and says False."""
        matches = await asyncio.to_thread(_verify, password, password_hash or self._decoy)
        return matches and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        return _PASSWORD_HASHER.check_needs_rehash(password_hash)


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _PASSWORD_HASHER.verify(password_hash, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class Origin:
    """From where: kept with everything that is audited."""

    address: str | None = None
    user_agent: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a user acting in one organisation, with what the token and the role both allow.

    By a session or by an API key: one of the two ids is set.
    """

    user_id: UUID
    organization_id: UUID
    role: Role
    scopes: frozenset[Scope]
    session_id: UUID | None = None
    key_id: UUID | None = None
    origin: Origin = field(default=Origin(), compare=False)


class AccessTokens:
    """Short-lived signed tokens. The algorithm is pinned, issuer, audience and type are checked (RFC 8725)."""

    def __init__(self, secret: bytes, *, issuer: str, lifetime_seconds: int) -> None:
        private = Ed25519PrivateKey.from_private_bytes(derive_key(secret, "access-token"))
        self._key = OKPKey.import_key(private)
        self._key.ensure_kid()
        self._issuer = issuer
        self.lifetime_seconds = lifetime_seconds
        self._claims = JWTClaimsRegistry(
            leeway=5,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            typ={"essential": True, "value": ACCESS_TYPE},
        )

    def issue(self, principal: Principal) -> str:
        now = int(utc_now().timestamp())
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(principal.user_id),
            "org": str(principal.organization_id),
            "sid": str(principal.session_id),
            "role": principal.role.value,
            "scope": " ".join(sorted(principal.scopes)),
            "typ": ACCESS_TYPE,
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "jti": str(new_id()),
        }
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def verify(self, token: str) -> Principal:
        """Raises `Unauthenticated` for whatever is wrong, and never says what."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            self._claims.validate(decoded.claims)
            claims = decoded.claims
            return Principal(
                user_id=UUID(claims["sub"]),
                organization_id=UUID(claims["org"]),
                session_id=UUID(claims["sid"]),
                role=Role(claims["role"]),
                scopes=frozenset(Scope(word) for word in str(claims["scope"]).split()),
            )
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated(
                "The access token is not valid or has expired. Sign in again, or refresh it.", code="invalid_token"
            ) from error


def new_refresh_token() -> str:
    return secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> bytes:
    """SHA-256 is enough: the token itself has 256 bits of entropy."""
    return hashlib.sha256(token.encode()).digest()


class CsrfTokens:
    """Double-submit tokens bound to the session: HMAC-SHA256 of the session's id."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "csrf")

    def issue(self, session_id: UUID) -> str:
        return hmac.new(self._key, session_id.bytes, hashlib.sha256).hexdigest()

    def matches(self, token: str | None, session_id: UUID) -> bool:
        return token is not None and hmac.compare_digest(token.encode(), self.issue(session_id).encode())
