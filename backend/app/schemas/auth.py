"""Accounts and sessions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field

from app.core.enums import Role, Scope
from app.schemas.base import STORABLE, Input, Output, Timestamp
from app.schemas.invitations import InvitationToken

Password = Annotated[str, Field(min_length=10, max_length=256, description="10 to 256 characters."), STORABLE]


class RegisterRequest(Input):
    email: EmailStr = Field(max_length=254)
    password: Password
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S"), STORABLE]
    invitation: InvitationToken | None = Field(default=None, description="Joins the organisation that it is of.")


class LoginRequest(Input):
    email: Annotated[str, Field(min_length=1, max_length=254), STORABLE]
    password: Annotated[str, Field(min_length=1, max_length=256), STORABLE]
    invitation: InvitationToken | None = Field(default=None, description="Accepts it, and signs in there.")


class UserOut(Output):
    id: UUID
    email: str | None
    name: str
    created_at: Timestamp
    email_verified: bool
    has_password: bool = Field(description="false: signs in by single sign-on only.")


class LoginResponse(Output):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (the scheme's name, not a secret)
    expires_in: int = Field(description="Seconds.")
    user: UserOut


class TokenResponse(Output):
    """What RFC 6749, section 5.1 asks for."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (the scheme's name, not a secret)
    expires_in: int
    scope: str


class MembershipOut(Output):
    id: UUID
    name: str
    role: Role


class QuotaOut(Output):
    """Megapixel-steps of the organisation in this calendar month (UTC)."""

    limit: float | None = Field(description="null: no limit.")
    used: float = Field(description="Charged and reserved.")
    resets_at: Timestamp


class MeResponse(Output):
    user: UserOut
    organization: MembershipOut
    organizations: list[MembershipOut]
    roles: list[Role]
    scopes: list[Scope]
    quota: QuotaOut


class SignInServiceOut(Output):
    """A provider of single sign-on. Signing in begins at `/api/v1/auth/oidc/{name}/login`."""

    name: str
    label: str = Field(description="For the button.")


class AuthConfig(Output):
    """What the sign-in page needs to know before anyone has signed in."""

    registration: Literal["first_run", "open", "invite"]
    password_login: bool = True
    oidc_providers: list[str] = Field(default_factory=list, description="Their names.")
    sign_in_services: list[SignInServiceOut] = Field(default_factory=list)


class JwkSet(Output):
    """The public keys that access tokens are signed with (RFC 7517): last, current and next."""

    keys: list[dict[str, str]]
