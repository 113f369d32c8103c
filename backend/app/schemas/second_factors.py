"""The second factor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.schemas.base import STORABLE, Input, Output, Timestamp

Code = Annotated[
    str, Field(min_length=6, max_length=40, description="Of the authenticator, or a recovery code."), STORABLE
]
OwnPassword = Annotated[str, Field(min_length=1, max_length=256), STORABLE]


class SecondFactorState(Output):
    enabled: bool
    confirmed_at: Timestamp | None
    recovery_codes_left: int


class EnrolSecondFactor(Input):
    password: OwnPassword


class SecondFactorEnrolment(Output):
    """Told once. It counts when a code that was made of it has come back."""

    secret: str = Field(description="Base32, to type where the QR code can't be read.")
    uri: str = Field(description="otpauth://…, what the QR code says.")
    qr_svg: str


class SecondFactorCode(Input):
    code: Code


class BothFactors(Input):
    password: OwnPassword
    code: Code


class TurnOffSecondFactor(BothFactors):
    pass


class RenewRecoveryCodes(BothFactors):
    pass


class RecoveryCodes(Output):
    """Told once; each is good for one sign-in without the authenticator."""

    codes: list[str]


class SecondStep(Input):
    token: Annotated[str, Field(min_length=1, max_length=200, description="Of the first step's answer."), STORABLE]
    code: Code
