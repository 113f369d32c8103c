"""Settings of what a caller may ask, and how often."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LimitSettings(BaseModel):
    requests_per_minute: int = Field(default=6000, ge=1, description="Requests a user may make in a minute.")
    organization_requests_per_minute: int = Field(default=60_000, ge=1)
    address_requests_per_minute: int = Field(
        default=300, ge=1, description="Requests to sign in, register and so on from one address in a minute."
    )
    streams_per_user: int = Field(default=30, ge=1, description="Event streams a user may have open, per API process.")
    streams: int = Field(default=5000, ge=1, description="Event streams of all users together, per API process.")
    body_seconds: float = Field(default=30.0, gt=0, description="A request's body has to arrive within this time.")
    refusals_per_minute: int = Field(
        default=60,
        ge=6,
        description="What of a caller may be refused in a minute before nothing more is read: a body too large or too "
        "slow counts six, one that can't be read three, a credential or a request too many one.",
    )
    address_refusals_per_minute: int = Field(
        default=600, ge=6, description="The same for all callers of one address together who have not signed in yet."
    )
    waiting_requests: int = Field(
        default=250, ge=1, description="Requests of one caller that may wait for an answer at once, per API process."
    )
    address_waiting_requests: int = Field(default=1000, ge=1)
