"""Mails by SMTP (RFC 5321), with TLS from the start or by STARTTLS, and never without it where it was asked for."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from app.integrations.mail.protocol import MailNotTaken, MailRefused

TIMEOUT_SECONDS = 20.0
_PERMANENT = 500


class SmtpServer:
    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: str,
        user: str = "",
        password: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        """`security` is starttls, tls or none."""
        self._host = host
        self._port = port
        self._security = security
        self._user = user
        self._password = password
        self._ca_file = ca_file

    async def send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user or None,
                password=self._password,
                use_tls=self._security == "tls",
                start_tls=self._security == "starttls",
                tls_context=self._tls() if self._security != "none" else None,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = all(each.code >= _PERMANENT for each in error.recipients)
            raise (MailRefused if refused else MailNotTaken)("recipient_refused") from error
        except aiosmtplib.SMTPDataError as error:
            raise (MailRefused if error.code >= _PERMANENT else MailNotTaken)("message_refused") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailNotTaken(type(error).__name__) from error

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        return context
