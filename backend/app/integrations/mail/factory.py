"""Which way mails take, as the settings say."""

from __future__ import annotations

from app.core.config import Settings
from app.integrations.mail.outbox import FileOutbox
from app.integrations.mail.protocol import MailTransport
from app.integrations.mail.smtp import SmtpServer


def make_mail_transport(settings: Settings) -> MailTransport:
    if not settings.smtp_host:
        return FileOutbox(settings.home / "outbox")
    password = settings.smtp_password
    return SmtpServer(
        settings.smtp_host,
        settings.effective_smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
    )
