"""Forgotten, reset and changed passwords, and verified addresses, over HTTP and by mail."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.services.limits import _MAIL, _PAIR
from tests.support.mailbox import mail_about, mails_of, text_of, token_of
from tests.support.studio import PASSWORD, Browser, Studio

NEW = "quite another long password"


async def forgot(http: httpx.AsyncClient, email: str = "ann@example.com", **options: Any) -> httpx.Response:
    return await http.post("/api/v1/auth/password/forgot", json={"email": email}, **options)


async def reset(http: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await http.post("/api/v1/auth/password/reset", json={"token": token, "password": password})


async def sign_in(http: httpx.AsyncClient, password: str) -> httpx.Response:
    return await http.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": password})


async def change(browser: Browser, current: str, new: str = NEW) -> httpx.Response:
    return await browser.request(
        "PUT", "/api/v1/auth/password", json={"current_password": current, "new_password": new}
    )


async def actions(browser: Browser) -> list[str]:
    return [each["action"] for each in (await browser.get("/api/v1/audit")).json()["items"]]


async def test_a_forgotten_password_is_reset_by_mail_and_every_session_ends(studio: Studio) -> None:
    ann = await studio.register("ann")
    await mails_of(studio)
    http = await studio.http()
    assert (await forgot(http, " Ann@Example.com ")).status_code == 204
    mail = await mail_about(studio, "reset-password")
    assert mail["To"] == "ann@example.com"
    assert "http://127.0.0.1:3000/reset-password#" in text_of(mail)

    assert (await reset(http, token_of(mail))).status_code == 204
    assert not http.cookies, "a link alone signs nobody in: the second factor would be left out"
    assert (await ann.get("/api/v1/users/me")).status_code == 401
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 401
    assert (await sign_in(http, PASSWORD)).status_code == 401
    answer = await sign_in(http, NEW)
    assert answer.status_code == 200
    assert answer.json()["user"]["email_verified"] is True, "the link came by that mail"
    (told,) = await mails_of(studio)
    assert told["Subject"] == "Your password was changed"
    assert {"password.reset_asked", "password.reset"} <= set(await actions(Browser(http, {})))


async def test_a_link_works_once_even_for_ten_at_once(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    await forgot(http)
    token = token_of(await mail_about(studio, "reset-password"))
    answers = await asyncio.gather(*(reset(http, token, f"{NEW} {number}") for number in range(10)))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 422: 9}
    refused = next(answer for answer in answers if answer.status_code == 422).json()
    assert [(each["pointer"], each["code"]) for each in refused["errors"]] == [("/token", "link_not_valid")]


async def test_a_new_password_ends_the_links_that_are_still_under_way(studio: Studio) -> None:
    ann = await studio.register("ann")
    http = await studio.http()
    await forgot(http)
    first = token_of(await mail_about(studio, "reset-password"))
    await forgot(http)
    second = token_of(await mail_about(studio, "reset-password"))
    assert (await reset(http, second)).status_code == 204
    assert (await reset(http, first)).status_code == 422
    await forgot(http)
    third = token_of(await mail_about(studio, "reset-password"))
    await sign_in(ann.http, NEW)
    assert (await change(ann, NEW, PASSWORD)).status_code == 204
    assert (await reset(http, third)).status_code == 422


@pytest.mark.parametrize(
    "change_of_state",
    [
        "UPDATE account_tokens SET expires_at = now() - interval '1 second'",
        "UPDATE users SET disabled_at = now()",
        "UPDATE users SET email = 'another@example.com'",
    ],
)
async def test_a_link_that_is_late_or_of_a_changed_account_does_nothing(
    studio: Studio, owner_engine: AsyncEngine, change_of_state: str
) -> None:
    await studio.register("ann")
    http = await studio.http()
    await forgot(http)
    token = token_of(await mail_about(studio, "reset-password"))
    async with owner_engine.begin() as connection:
        await connection.execute(text(change_of_state))
    assert (await reset(http, token)).status_code == 422


async def test_a_link_is_of_no_use_for_another_purpose_or_in_the_table(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    await studio.register("ann")
    http = await studio.http()
    verification = token_of(await mail_about(studio, "verify-email"))
    assert (await reset(http, verification)).status_code == 422
    async with owner_engine.connect() as connection:
        (kept,) = (await connection.execute(text("SELECT token_hash FROM account_tokens"))).scalars()
    assert verification.encode() not in kept
    assert (await reset(http, kept.hex())).status_code == 422


async def test_asking_tells_nobody_whether_there_is_an_account(studio: Studio) -> None:
    """The same answer, the same statements, and no mail to a stranger."""
    await studio.register("ann")
    await mails_of(studio)
    http, statements = await studio.http(), []
    engine = studio.parts.units._sessions.kw["bind"].sync_engine

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        seen = []
        for email in ("ann@example.com", "nobody@example.com"):
            statements.clear()
            answer = await forgot(http, email)
            seen.append((answer.status_code, answer.content, list(statements)))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert seen[0] == seen[1]
    assert len(seen[0][2]) > 5
    assert [mail["To"] for mail in await mails_of(studio)] == ["ann@example.com"]


async def test_nobody_floods_a_mailbox_and_known_and_unknown_are_slowed_alike(studio: Studio) -> None:
    await studio.register("ann")
    await mails_of(studio)
    http = await studio.http()
    for email in ("ann@example.com", "nobody@example.com"):
        answers = await asyncio.gather(*(forgot(http, email) for _ in range(9)))
        counted = Counter(answer.status_code for answer in answers)
        assert _MAIL.free <= counted[204] <= _MAIL.free + 3
        assert counted[204] + counted[429] == 9
    assert _MAIL.free <= len(await mails_of(studio)) <= _MAIL.free + 3


async def test_a_letter_speaks_the_language_of_its_reader(studio: Studio) -> None:
    http = await studio.http()
    body = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"}
    await http.post("/api/v1/auth/register", json=body, headers={"Accept-Language": "de-CH, en;q=0.5"})
    (mail,) = await mails_of(studio)
    assert mail["Subject"] == "Ist das deine E-Mail-Adresse?"
    await forgot(http, headers={"Accept-Language": "en"})  # by whomever: it is Ann who reads it
    assert (await mail_about(studio, "reset-password"))["Subject"] == "Neues Passwort setzen"


async def test_changing_a_password_asks_for_the_old_one_and_ends_the_other_sessions(studio: Studio) -> None:
    ann = await studio.register("ann")
    elsewhere = await studio.http()
    await sign_in(elsewhere, PASSWORD)
    await mails_of(studio)

    wrong = await change(ann, "not my password")
    assert [(each["pointer"], each["code"]) for each in wrong.json()["errors"]] == [
        ("/current_password", "wrong_password")
    ]
    short = await change(ann, PASSWORD, "short")
    assert [each["pointer"] for each in short.json()["errors"]] == ["/new_password"]
    assert (await elsewhere.get("/api/v1/users/me")).status_code == 200

    assert (await change(ann, PASSWORD)).status_code == 204
    assert (await ann.get("/api/v1/users/me")).status_code == 200
    assert (await elsewhere.get("/api/v1/users/me")).status_code == 401
    assert (await sign_in(elsewhere, NEW)).status_code == 200
    assert [mail["Subject"] for mail in await mails_of(studio)] == ["Your password was changed"]
    assert "password.changed" in await actions(ann)


async def test_an_open_session_is_no_place_to_guess_its_password(studio: Studio) -> None:
    ann = await studio.register("ann")
    answers = await asyncio.gather(*(change(ann, f"a wrong one {number}") for number in range(20)))
    counted = Counter(answer.status_code for answer in answers)
    assert _PAIR.free <= counted[422] <= _PAIR.free + 4
    assert counted[422] + counted[429] == 20


async def test_an_address_is_verified_by_its_link_and_only_that_address(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    assert ann.user["email_verified"] is False
    first = token_of(await mail_about(studio, "verify-email"))
    assert (await ann.post("/api/v1/auth/email/verification")).status_code == 204
    second = token_of(await mail_about(studio, "verify-email"))
    http = await studio.http()

    async def verify(token: str) -> int:
        return (await http.post("/api/v1/auth/email/verify", json={"token": token})).status_code

    assert await verify(first) == 422, "the newer link ended it"
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE users SET email = 'another@example.com'"))
    assert await verify(second) == 422
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE users SET email = 'ann@example.com'"))
    assert await verify(second) == 204
    assert await verify(second) == 422
    assert (await ann.get("/api/v1/users/me")).json()["user"]["email_verified"] is True
    again = await ann.post("/api/v1/auth/email/verification")
    assert (again.status_code, again.json()["code"]) == (409, "email_verified")
    assert "email.verified" in await actions(ann)


async def test_another_site_asks_for_nothing(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    answer = await forgot(http, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
