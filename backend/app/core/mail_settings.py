"""Settings of mail: an SMTP server, or files in `home/outbox` when none is named."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class MailSettings(BaseModel):
    mail_from: str = Field(
        default="Easel <easel@localhost>", description="Sender of mails, e.g. Easel <easel@example.com>."
    )
    mail_seconds: float = Field(default=2.0, gt=0, description="How often waiting mails are looked for.")
    smtp_host: str = Field(default="", description="When empty, mails become files in home/outbox.")
    smtp_port: int = Field(default=0, ge=0, le=65535, description="0: 587, 465 or 25, as smtp_security says.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="none is for a server on this machine."
    )
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_ca_file: Path | None = Field(default=None, description="Certificates to trust besides the system's.")

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, value: str) -> str:
        name, address = parseaddr(value)
        if "@" not in address or any(mark in value for mark in "\r\n") or (not name and address != value.strip()):
            raise ValueError("must be an address such as easel@example.com or Easel <easel@example.com>")
        return value

    @model_validator(mode="after")
    def _safe_smtp(self) -> MailSettings:
        if not self.smtp_host:
            return self
        if "mail_from" not in self.model_fields_set:
            raise ValueError("EASEL_SMTP_HOST is set, so EASEL_MAIL_FROM has to say who the mails come from")
        if self.smtp_security == "none" and self.smtp_host not in _HERE:
            raise ValueError(
                "EASEL_SMTP_SECURITY=none would send mails, and the links in them, in the clear; "
                "say starttls or tls for a server on another machine"
            )
        if bool(self.smtp_user) != (self.smtp_password is not None):
            raise ValueError("EASEL_SMTP_USER and EASEL_SMTP_PASSWORD go together; set both or neither")
        if self.smtp_ca_file is not None and not self.smtp_ca_file.is_file():
            raise ValueError(f"EASEL_SMTP_CA_FILE: there is no file {self.smtp_ca_file}")
        return self

    @property
    def effective_smtp_port(self) -> int:
        return self.smtp_port or _PORTS[self.smtp_security]
