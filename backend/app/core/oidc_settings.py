"""Settings of single sign-on: one entry a provider."""

from __future__ import annotations

import ipaddress
import json
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from app.core.enums import Role

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]


class OidcProviderSettings(BaseModel):
    """How one OpenID Connect provider is asked, and what its people may do here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", description="Part of the callback's address.")
    label: str = Field(default="", max_length=60, description="On the button; the name when empty.")
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256",), min_length=1)

    organization: UUID | None = Field(default=None, description="Where its people belong; the first one when empty.")
    create_accounts: bool = Field(default=True, description="Somebody new gets an account.")
    link_by_email: bool = Field(default=False, description="Signs in to an account that has the same verified address.")
    trust_email: bool = Field(default=False, description="Takes addresses for verified where nothing says so.")
    allowed_domains: tuple[str, ...] = Field(default=(), description="Of e-mail addresses; all when empty.")
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = Field(
        default=(), description="That the provider may be in though they are not public: 10.0.7.0/24."
    )
    groups_claim: str = "groups"
    roles: dict[str, Role] = Field(default_factory=dict, description="Group → role, held to at each sign-in.")
    default_role: Role | None = Field(default=Role.MEMBER, description="In none of the groups; null: not let in.")

    @field_validator("issuer")
    @classmethod
    def _safe_issuer(cls, value: str) -> str:
        if not is_safe_url(value) or urlsplit(value).query or urlsplit(value).fragment:
            raise ValueError("must be an https:// address, as the provider's discovery document says it")
        return value

    @field_validator("scopes")
    @classmethod
    def _asks_for_identity(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError("must hold openid")
        return value

    @field_validator("allowed_domains")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.lower().lstrip("@") for domain in value)

    @property
    def shown(self) -> str:
        return self.label or self.name


class OidcSettings(BaseModel):
    oidc_providers: Annotated[tuple[OidcProviderSettings, ...], NoDecode] = Field(
        default=(), description="A JSON list of providers for single sign-on (docs/single-sign-on.md)."
    )

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return tuple(json.loads(value))
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError('must be a JSON list such as [{"name": "…", "issuer": "…", "client_id": "…"}]') from error

    @field_validator("oidc_providers")
    @classmethod
    def _one_of_a_name(cls, value: tuple[OidcProviderSettings, ...]) -> tuple[OidcProviderSettings, ...]:
        names = [each.name for each in value]
        if len(set(names)) != len(names):
            raise ValueError("two providers have the same name")
        return value


def is_safe_url(value: object) -> bool:
    """https, or plain http to this very machine."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE))


def is_on_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in _HERE
