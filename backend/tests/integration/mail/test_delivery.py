"""Mails from the transaction that posts them to a real SMTP server, and what happens when that does not take them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.parts import open_parts
from app.bootstrap.upkeep import make_mail_service
from app.core.enums import Language
from app.services.letters import Letter
from app.services.mails import MailService
from tests.conftest import Servers, make_settings
from tests.support.mail_server import PASSWORD, USER, Inbox, mail_server

SENDER = "Easel <easel@example.com>"
LETTER = Letter(
    kind="test",
    language=Language.GERMAN,
    subject="Grüße an Jürgen <b>",
    paragraphs=("Öffnen Sie das & lesen Sie es.", "Bis bald."),
    action="Öffnen",
    link="https://easel.example.com/x#geheim",
)
MakeService = Callable[..., Any]


@pytest.fixture
async def make_service(servers: Servers, tmp_path: Path, empty: None) -> AsyncIterator[MakeService]:
    async with AsyncExitStack() as stack:

        async def make(inbox: Inbox | None = None, security: str = "starttls", **changes: Any) -> MailService:
            smtp = {}
            if inbox is not None:
                smtp = {
                    "smtp_host": "127.0.0.1",
                    "smtp_port": inbox.port,
                    "smtp_security": security,
                    "smtp_user": USER,
                    "smtp_password": PASSWORD,
                    "smtp_ca_file": inbox.certificate,
                    "mail_from": SENDER,
                }
            settings = make_settings(servers, tmp_path, **{**smtp, **changes})
            return make_mail_service(await stack.enter_async_context(open_parts(settings)))

        yield make


async def post(service: MailService, recipient: str | None = "ann@example.com") -> None:
    async with service._units.identity() as unit:
        await service.post(unit, recipient, LETTER)


async def row(owner_engine: AsyncEngine) -> dict[str, Any]:
    async with owner_engine.connect() as connection:
        return dict((await connection.execute(text("SELECT * FROM mails"))).mappings().one())


async def set_all(owner_engine: AsyncEngine, change: str) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text(f"UPDATE mails SET {change}"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_reaches_a_server_encrypted_and_signed_in(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path, security: str
) -> None:
    with mail_server(tmp_path / "tls", security) as inbox:
        service = await make_service(inbox, security)
        await post(service)
        assert await service.deliver() == 1
        assert await service.deliver() == 0
    (message,) = inbox.mails
    assert (inbox.recipients, inbox.encrypted, inbox.users) == (["ann@example.com"], [True], [USER.encode()])
    assert message["Subject"] == "Grüße an Jürgen <b>"
    assert (message["From"], message["To"]) == (SENDER, "ann@example.com")
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "https://easel.example.com/x#geheim" in plain.get_content()
    assert "Öffnen Sie das &amp; lesen Sie es." in page.get_content()
    assert '<a href="https://easel.example.com/x#geheim"' in page.get_content()
    assert "<title>Grüße an Jürgen &lt;b&gt;</title>" in page.get_content()
    kept = await row(owner_engine)
    assert kept["sent_at"] is not None
    assert kept["sealed_content"] is None


@pytest.mark.parametrize(
    ("served", "asked", "trusted"),
    [("starttls", "starttls", False), ("tls", "tls", False), ("none", "starttls", True), ("none", "tls", True)],
)
async def test_without_the_encryption_that_was_asked_for_nothing_is_sent(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path, served: str, asked: str, *, trusted: bool
) -> None:
    with mail_server(tmp_path / "tls", served, login=False) as inbox:
        if not trusted:
            inbox.certificate = None
        service = await make_service(inbox, asked)
        await post(service)
        assert await service.deliver() == 0
    assert (inbox.mails, inbox.users) == ([], [])
    assert (await row(owner_engine))["due_at"] is not None


async def test_a_server_that_is_away_gets_the_mail_later_and_once(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    with mail_server(tmp_path / "tls") as gone:
        pass
    service = await make_service(gone)
    await post(service)
    assert await service.deliver() == 0
    waiting = await row(owner_engine)
    assert (waiting["attempts"], waiting["sent_at"]) == (1, None)
    assert b"geheim" not in waiting["sealed_content"]
    assert await service.deliver() == 0, "it waits before it tries again"

    with mail_server(tmp_path / "tls") as inbox:
        service = await make_service(inbox)
        inbox.verdicts = ["451 busy, come again"]
        for sent in (0, 1, 0):
            await set_all(owner_engine, "due_at = now() WHERE due_at IS NOT NULL")
            assert await service.deliver() == sent
        assert len(inbox.mails) == 1
    assert (await row(owner_engine))["attempts"] == 3


async def test_the_pauses_between_attempts_grow_to_an_hour(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    with mail_server(tmp_path / "tls") as gone:
        pass
    service, pauses = await make_service(gone), []
    await post(service)
    for attempts in (0, 1, 2, 9, 200):
        await set_all(owner_engine, f"due_at = now(), attempts = {attempts}")
        assert await service.deliver() == 0
        async with owner_engine.connect() as connection:
            seconds = await connection.scalar(text("SELECT extract(epoch FROM due_at - now()) FROM mails"))
        pauses.append(round(float(seconds) / 30))
    assert pauses == [1, 2, 4, 120, 120]


@pytest.mark.parametrize("how", ["recipient", "content"])
async def test_what_a_server_refuses_for_good_is_given_up_and_forgotten(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path, how: str
) -> None:
    with mail_server(tmp_path / "tls") as inbox:
        if how == "recipient":
            inbox.refused_recipients = {"ann@example.com"}
        else:
            inbox.verdicts = ["554 looks like spam"]
        service = await make_service(inbox)
        await post(service)
        assert await service.deliver() == 0
    kept = await row(owner_engine)
    assert (kept["due_at"], kept["sealed_content"]) == (None, None)
    assert kept["failed_at"] is not None


async def test_a_wrong_password_for_the_server_is_no_reason_to_give_up(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    with mail_server(tmp_path / "tls") as inbox:
        service = await make_service(inbox, smtp_password="another one")
        await post(service)
        assert await service.deliver() == 0
    kept = await row(owner_engine)
    assert kept["due_at"] is not None
    assert kept["error"] == "SMTPAuthenticationError"


async def test_a_mail_whose_use_is_over_is_not_sent(make_service: MakeService, owner_engine: AsyncEngine) -> None:
    service = await make_service()
    await post(service)
    await set_all(owner_engine, "useful_until = now() - interval '1 second'")
    assert await service.deliver() == 0
    assert (await row(owner_engine))["error"] == "too_late"


async def test_a_mail_of_a_transaction_that_fails_does_not_exist(
    make_service: MakeService, owner_engine: AsyncEngine
) -> None:
    service = await make_service()

    async def post_and_fail() -> None:
        async with service._units.identity() as unit:
            await service.post(unit, "ann@example.com", LETTER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await post_and_fail()
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM mails")) == 0


async def test_four_processes_at_once_send_each_mail_once(make_service: MakeService, tmp_path: Path) -> None:
    with mail_server(tmp_path / "tls") as inbox:
        services = [await make_service(inbox) for _ in range(4)]
        for number in range(25):
            await post(services[0], f"person{number}@example.com")
        assert sum(await asyncio.gather(*(each.deliver() for each in services))) == 25
    assert sorted(inbox.recipients) == sorted({f"person{number}@example.com" for number in range(25)})


async def test_a_process_that_dies_in_mid_sending_is_made_up_for(
    make_service: MakeService, owner_engine: AsyncEngine
) -> None:
    service = await make_service()
    await post(service)

    class Killed(BaseException):
        pass

    class Dying:
        async def send(self, message: object) -> None:
            raise Killed

    living, service._transport = service._transport, Dying()
    with pytest.raises(Killed):
        await service.deliver()
    service._transport = living
    assert await service.deliver() == 0, "its lease runs"
    await set_all(owner_engine, "due_at = due_at - interval '10 minutes'")
    assert await service.deliver() == 1


async def test_without_a_server_a_mail_is_a_file_that_only_its_owner_reads(
    make_service: MakeService, tmp_path: Path
) -> None:
    service = await make_service()
    await post(service)
    assert await service.deliver() == 1
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.suffix == ".eml"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "ann@example.com"


async def test_an_outbox_that_cannot_be_written_keeps_the_mail(
    make_service: MakeService, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    service = await make_service()
    await post(service)
    assert await service.deliver() == 0
    assert (await row(owner_engine))["due_at"] is not None


async def test_a_mail_to_nobody_is_thrown_away(make_service: MakeService, owner_engine: AsyncEngine) -> None:
    service = await make_service()
    await post(service, None)
    assert await service.deliver() == 0
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM mails")) == 0


async def test_a_request_can_read_no_mail(make_service: MakeService) -> None:
    service = await make_service()
    await post(service)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with service._units.identity() as unit:
            await unit._session.execute(text("SELECT * FROM mails"))


async def test_a_mail_sealed_with_another_secret_is_given_up(
    make_service: MakeService, owner_engine: AsyncEngine
) -> None:
    await post(await make_service(secret_key="quite another secret, long enough too"))
    assert await (await make_service()).deliver() == 0
    assert (await row(owner_engine))["error"] == "broken_seal"
