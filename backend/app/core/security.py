"""Who calls, and the tokens that say so."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OKPKey
from joserfc.jwt import JWTClaimsRegistry

from app.core.clock import utc_now
from app.core.enums import Role, Scope
from app.core.errors import Unauthenticated
from app.core.ids import new_id
from app.core.keys import derive_key
from app.core.signing import ALGORITHM, SigningKeys
from app.utils.expiring import Expiring

ISSUER = "easel"
AUDIENCE = "easel-api"
ACCESS_TYPE = "access"
HEADER_TYPE = "at+jwt"  # RFC 9068
MAX_TOKEN_CHARS = 4096
LEEWAY_SECONDS = 5
REMEMBERED_SECONDS = 5.0
"""For so long a token that was found good is not examined again: its signature costs as much as the rest of a request.
Its end is heeded all the same."""


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
    narrowed: bool = False  # the token was asked for with fewer scopes than the role has
    origin: Origin = field(default=Origin(), compare=False)

    @property
    def in_session(self) -> UUID:
        """The session, of a caller who is known to have one."""
        assert self.session_id is not None, "the policy table asks for a session here"
        return self.session_id


class AccessTokens:
    """Short-lived tokens, held to RFC 8725: one algorithm, our own keys by `kid` only, issuer, audience, type."""

    def __init__(self, keys: SigningKeys, *, lifetime_seconds: int) -> None:
        self._keys = keys
        self.lifetime_seconds = lifetime_seconds
        self._claims = JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            sid={"essential": True},
            typ={"essential": True, "value": ACCESS_TYPE},
        )
        self._good: Expiring[str, tuple[Principal, int]] = Expiring(seconds=REMEMBERED_SECONDS, most=10_000)

    def issue(self, principal: Principal) -> str:
        now = utc_now()
        key = self._keys.current(now)
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(principal.user_id),
            "org": str(principal.organization_id),
            "sid": str(principal.in_session),
            "role": principal.role.value,
            "scope": " ".join(sorted(principal.scopes)),
            "typ": ACCESS_TYPE,
            "iat": issued,
            "exp": issued + self.lifetime_seconds,
            "jti": str(new_id()),
        }
        header = {"alg": ALGORITHM, "typ": HEADER_TYPE, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def verify(self, token: str) -> Principal:
        """Raises `Unauthenticated` for whatever is wrong, and never says what."""
        found = self._good.find(token) if len(token) <= MAX_TOKEN_CHARS else None
        if found is not None and time() < found[1]:
            return found[0]
        principal, ends = self._examine(token)
        self._good.keep(token, (principal, ends))
        return principal

    def _examine(self, token: str) -> tuple[Principal, int]:
        """Who it speaks for, and when it ends (seconds since 1970)."""
        try:
            if len(token) > MAX_TOKEN_CHARS:
                raise ValueError("no token of ours is that long")
            claims = jwt.decode(token, self._key_of, algorithms=[ALGORITHM]).claims
            self._claims.validate(claims)
            principal = Principal(
                user_id=UUID(claims["sub"]),
                organization_id=UUID(claims["org"]),
                session_id=UUID(claims["sid"]),
                role=Role(claims["role"]),
                scopes=frozenset(Scope(word) for word in str(claims["scope"]).split()),
            )
            return principal, int(claims["exp"])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise invalid_token() from error

    def published_keys(self, now: datetime) -> list[dict[str, str]]:
        return self._keys.published(now)

    def _key_of(self, token: GuestProtocol) -> OKPKey:
        """By `kid` among our own. A header that brings or points to a key, or asks for an extension, is refused."""
        header = token.headers()
        if set(header) != {"alg", "typ", "kid"} or header["typ"] != HEADER_TYPE:
            raise ValueError("not a header that we write")
        key = self._keys.find(header["kid"], utc_now())
        if key is None:
            raise ValueError("no key of ours, or one that is out of use")
        return key


def invalid_token() -> Unauthenticated:
    return Unauthenticated(
        "The access token is not valid or has expired. Sign in again, or refresh it.", code="invalid_token"
    )


def new_secret_token() -> str:
    """256 bits that nobody can guess, for what is kept as a hash: refresh tokens, invitations, links in mails."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """SHA-256 is enough: the token itself has 256 bits of entropy."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


class CsrfTokens:
    """Double-submit tokens bound to the session: HMAC-SHA256 of the session's id."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "csrf")

    def issue(self, session_id: UUID) -> str:
        return hmac.new(self._key, session_id.bytes, hashlib.sha256).hexdigest()

    def matches(self, token: str | None, session_id: UUID) -> bool:
        return token is not None and hmac.compare_digest(token.encode(), self.issue(session_id).encode())


class DeviceTokens:
    """Says that somebody has signed in to this account in this browser before. It opens nothing."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "device")

    def issue(self, email: str) -> str:
        name = secrets.token_urlsafe(12)
        return f"{name}.{self._seal(name, email)}"

    def find_name(self, token: str | None, email: str) -> str | None:
        """The device's name, when the token is ours and of this account."""
        name, _, seal = (token or "").partition(".")
        matches = hmac.compare_digest(seal.encode(errors="replace"), self._seal(name, email).encode())
        return name if token and matches else None

    def _seal(self, name: str, email: str) -> str:
        return hmac.new(self._key, f"{name} {email}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
