"""Mails: posted in the transaction of whatever they tell, sent afterwards, as often as it takes."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import orjson

from app.core import metrics
from app.core.ids import new_id
from app.core.logging import get_logger
from app.core.sealing import BrokenSeal, Sealer
from app.integrations.mail.protocol import MailNotTaken, MailRefused, MailTransport
from app.repositories.mails import WaitingMail
from app.services.letters import Letter
from app.services.unit_of_work import IdentityUnit, UnitsOfWork

log = get_logger(__name__)

CLAIMED_AT_ONCE = 10
LEASE = timedelta(minutes=10)
"""Longer than sending so many can take: nobody else tries them meanwhile."""
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
USEFUL_FOR = timedelta(days=2)


class MailService:
    def __init__(self, units: UnitsOfWork, *, transport: MailTransport, sealer: Sealer, sender: str) -> None:
        self._units = units
        self._transport = transport
        self._sealer = sealer
        self._sender = sender
        self._delivering = False

    async def post(
        self, unit: IdentityUnit, recipient: str | None, letter: Letter, *, useful_for: timedelta = USEFUL_FOR
    ) -> None:
        """Part of another use case's transaction: sent when it commits, and never when it does not.

        A letter to None is thrown away instead of sent, and costs the same.
        """
        mail_id = new_id()
        content = {"subject": letter.subject, "text": letter.as_text(), "html": letter.as_html()}
        await unit.mails.post(
            mail_id=mail_id,
            kind=letter.kind,
            recipient=recipient,
            sealed_content=self._sealer.seal(orjson.dumps(content), mail_id.bytes),
            useful_for=useful_for,
        )

    async def deliver(self) -> int:
        """Send all that is due; returns how many were. A process that dies in between sends the mail once more."""
        if self._delivering:
            return 0
        self._delivering, sent = True, 0
        try:
            async with self._units.queue() as unit:
                await unit.mails.forget_old()
            while True:
                async with self._units.queue() as unit:
                    waiting = await unit.mails.claim(CLAIMED_AT_ONCE, lease=LEASE)
                for mail in waiting:
                    sent += await self._deliver_one(mail)
                if len(waiting) < CLAIMED_AT_ONCE:
                    return sent
        finally:
            self._delivering = False

    async def _deliver_one(self, mail: WaitingMail) -> bool:
        try:
            if mail.late:
                raise MailRefused("too_late")
            await self._transport.send(self._message(mail))
        except (MailRefused, BrokenSeal) as error:
            word = str(error) or "broken_seal"
            async with self._units.queue() as unit:
                await unit.mails.give_up(mail.id, error=word)
            metrics.MAILS.labels("given_up").inc()
            log.warning("mail_given_up", mail_id=str(mail.id), kind=mail.kind, reason=word, attempts=mail.attempts)
            return False
        except MailNotTaken as error:
            delay = min(FIRST_DELAY * 2 ** min(mail.attempts - 1, 20), LONGEST_DELAY)
            async with self._units.queue() as unit:
                await unit.mails.try_later(mail.id, delay, error=str(error))
            metrics.MAILS.labels("put_off").inc()
            log.warning("mail_put_off", mail_id=str(mail.id), reason=str(error), seconds=delay.total_seconds())
            return False
        async with self._units.queue() as unit:
            await unit.mails.sent(mail.id)
        metrics.MAILS.labels("sent").inc()
        log.info("mail_sent", mail_id=str(mail.id), kind=mail.kind, attempts=mail.attempts)
        return True

    def _message(self, mail: WaitingMail) -> EmailMessage:
        content = orjson.loads(self._sealer.open(mail.sealed_content, mail.id.bytes))
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, mail.recipient, content["subject"]
        message["Date"] = formatdate()
        # The same at every attempt: a mail that was sent twice is one to whoever reads it.
        message["Message-ID"] = f"<{mail.id}@{parseaddr(self._sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(content["text"])
        message.add_alternative(content["html"], subtype="html")
        return message
