"""Mails as files, where no mail server is set up: one `.eml` each, which any mail program opens."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from app.core.ids import new_id
from app.core.logging import get_logger
from app.integrations.mail.protocol import MailNotTaken

log = get_logger(__name__)


class FileOutbox:
    """Only the installation's owner can read the folder: the links in mails open accounts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        try:
            path = await asyncio.to_thread(self._write, message)
        except OSError as error:
            raise MailNotTaken(type(error).__name__) from error
        log.info("mail_in_outbox", file=str(path))

    def _write(self, message: EmailMessage) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{new_id()}.eml"
        partial, path = self._folder / f".{name}", self._folder / name
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        return path
