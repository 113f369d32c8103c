"""What carries a mail to its recipient."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class MailRefused(Exception):
    """It will never arrive: no such recipient, or the message is not wanted. `args[0]` is a word for the log."""


class MailNotTaken(Exception):
    """Not this time: the server is away, busy or wrongly set up. `args[0]` is a word for the log."""


class MailTransport(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Hand it over. Raises `MailRefused`, or `MailNotTaken` when a later attempt may succeed."""
