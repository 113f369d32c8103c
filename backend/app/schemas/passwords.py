"""Passwords and e-mail addresses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.auth import Password
from app.schemas.base import STORABLE, Input

MailedToken = Annotated[
    str, Field(min_length=1, max_length=200, description="What follows # in the mail's link."), STORABLE
]


class ForgotPassword(Input):
    email: Annotated[str, Field(min_length=1, max_length=254), STORABLE]


class ResetPassword(Input):
    token: MailedToken
    password: Password


class ChangePassword(Input):
    current_password: Annotated[str, Field(min_length=1, max_length=256), STORABLE]
    new_password: Password


class VerifyEmail(Input):
    token: MailedToken
