"""Proving once more who one is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import STORABLE, Input, Output


class ProofWanted(Output):
    """What the caller's account takes as proof."""

    needs_password: bool = Field(description="False for an account without one: sign in again just before.")
    needs_code: bool = Field(description="Of the authenticator, or a recovery code.")


class ProofInput(Input):
    """As much of it as the account has."""

    password: Annotated[str, Field(max_length=200), STORABLE] | None = None
    code: Annotated[str, Field(max_length=50), STORABLE] | None = None
