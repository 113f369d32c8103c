"""The mails that a studio has posted, delivered into its outbox and taken out of it."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.bootstrap.upkeep import make_mail_service
from tests.support.studio import Studio


async def mails_of(studio: Studio) -> list[EmailMessage]:
    """Those that were posted since the last time, oldest first."""
    await make_mail_service(studio.parts).deliver()
    mails = []
    for path in sorted((studio.settings.home / "outbox").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        mails.append(message)
        path.unlink()
    return mails


async def mail_about(studio: Studio, page: str) -> EmailMessage:
    """The only one with a link to that page."""
    (found,) = [mail for mail in await mails_of(studio) if f"/{page}#" in text_of(mail)]
    return found


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def token_of(mail: EmailMessage) -> str:
    """What the link carries behind #."""
    match = re.search(r"https?://\S+#(\S+)", text_of(mail))
    assert match is not None, text_of(mail)
    return match[1]
