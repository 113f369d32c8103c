"""The second factor over HTTP: turning it on, signing in with it, losing it, and attacks on it."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import totp
from app.core.clock import utc_now
from app.core.enums import Role
from app.services import second_factors
from app.services.limits import _PAIR
from tests.support.mailbox import mail_about, mails_of, text_of, token_of
from tests.support.people import bearer_of, join, make_member, make_organization
from tests.support.studio import PASSWORD, Browser, Studio

FACTOR = "/api/v1/users/me/second-factor"


class Authenticator:
    """A telephone whose clock the test sets: each code is the next step's, so that none is a replay."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = utc_now()
        self.secret = b""
        monkeypatch.setattr(second_factors, "utc_now", lambda: self.now)

    def scan(self, secret: str) -> None:
        self.secret = base64.b32decode(secret)

    def code(self) -> str:
        """Of now."""
        generator = totp._generator(self.secret)
        return generator.generate(int(self.now.timestamp())).decode()

    def next_code(self) -> str:
        self.now += timedelta(seconds=totp.STEP_SECONDS)
        return self.code()


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    return Authenticator(monkeypatch)


async def turn_on(browser: Browser, phone: Authenticator) -> list[str]:
    """The recovery codes."""
    enrolment = (await browser.post(FACTOR, json={"password": PASSWORD})).json()
    phone.scan(enrolment["secret"])
    answer = await browser.post(f"{FACTOR}/confirm", json={"code": phone.next_code()})
    assert answer.status_code == 200, answer.text
    codes: list[str] = answer.json()["codes"]
    return codes


async def first_step(http: httpx.AsyncClient, password: str = PASSWORD) -> str:
    answer = await http.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
    assert "Set-Cookie" not in answer.headers
    token: str = answer.json()["second_factor"]["token"]
    return token


async def second_step(http: httpx.AsyncClient, token: str, code: str) -> httpx.Response:
    return await http.post("/api/v1/auth/login/second-factor", json={"token": token, "code": code})


async def test_turning_it_on_takes_the_password_and_a_code_and_ends_other_sessions(
    studio: Studio, phone: Authenticator
) -> None:
    ann = await studio.register("ann")
    elsewhere = await studio.http()
    await elsewhere.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    await mails_of(studio)
    wrong = await ann.post(FACTOR, json={"password": "a wrong one"})
    assert [each["code"] for each in wrong.json()["errors"]] == ["wrong_password"]

    enrolment = (await ann.post(FACTOR, json={"password": PASSWORD})).json()
    assert enrolment["uri"].startswith("otpauth://totp/Easel:ann%40example.com?")
    assert enrolment["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert (await ann.get(FACTOR)).json() == {"enabled": False, "confirmed_at": None, "recovery_codes_left": 0}
    refused = await ann.post(f"{FACTOR}/confirm", json={"code": "000000"})
    assert [each["code"] for each in refused.json()["errors"]] == ["wrong_code"]
    assert (await elsewhere.get("/api/v1/users/me")).status_code == 200, "nothing has changed yet"

    codes = await turn_on(ann, phone)
    assert len(set(codes)) == 10
    state = (await ann.get(FACTOR)).json()
    assert (state["enabled"], state["recovery_codes_left"]) == (True, 10)
    assert (await ann.get("/api/v1/users/me")).status_code == 200
    assert (await elsewhere.get("/api/v1/users/me")).status_code == 401
    again = await ann.post(FACTOR, json={"password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_on")
    assert [mail["Subject"] for mail in await mails_of(studio)] == ["Signing in now takes a second factor"]


async def test_signing_in_takes_two_steps(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    token = await first_step(http)
    assert (await http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401
    answer = await second_step(http, token, phone.next_code())
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == "ann@example.com"
    assert (await http.get("/api/v1/users/me")).status_code == 200
    actions = [each["action"] for each in (await Browser(http, {}).get("/api/v1/audit")).json()["items"]]
    assert {"second_factor.on", "second_factor.taken"} <= set(actions)


async def test_the_form_for_programs_is_no_way_around_it(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    form = {"username": "ann@example.com", "password": PASSWORD}
    answer = await http.post("/api/v1/auth/token", data=form)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")


async def test_a_code_is_good_once_whoever_comes_with_it(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    tokens = [await first_step(http) for _ in range(4)]
    code = phone.next_code()
    answers = await asyncio.gather(*(second_step(http, token, code) for token in tokens))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 3}
    later = await second_step(http, await first_step(http), code)
    assert (later.status_code, later.json()["code"]) == (401, "wrong_code")


async def test_a_step_of_signing_in_is_good_once_and_for_five_minutes(
    studio: Studio, phone: Authenticator, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    token = await first_step(http)
    assert (await second_step(http, token, phone.next_code())).status_code == 200
    again = await second_step(http, token, phone.next_code())
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_expired")
    late = await first_step(http)
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE account_tokens SET expires_at = expires_at - interval '5 minutes'"))
    assert (await second_step(http, late, phone.next_code())).json()["code"] == "sign_in_expired"


async def test_codes_are_not_guessed(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    tokens = [await first_step(http) for _ in range(3)]
    guesses = [second_step(http, tokens[number % 3], f"{number:06}") for number in range(30)]
    counted = Counter(answer.status_code for answer in await asyncio.gather(*guesses))
    assert _PAIR.free <= counted[401] <= _PAIR.free + 5
    assert counted[401] + counted[429] == 30


async def test_a_recovery_code_is_good_once_and_forgives_how_it_is_typed(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    codes = await turn_on(ann, phone)
    http = await studio.http()
    typed = codes[0].lower().replace("-", " ")
    assert (await second_step(http, await first_step(http), typed)).status_code == 200
    again = await second_step(http, await first_step(http), codes[0])
    assert (again.status_code, again.json()["code"]) == (401, "wrong_code")
    browser = Browser(http, {})
    assert (await browser.get(FACTOR)).json()["recovery_codes_left"] == 9

    for wrong in (
        {"password": "not the right one", "code": phone.next_code()},
        {"password": PASSWORD, "code": "000000"},
    ):
        refused = await browser.post(f"{FACTOR}/recovery-codes", json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["code"][:6]) == (422, "wrong_"), refused.text
    both = {"password": PASSWORD, "code": phone.next_code()}
    renewed = (await browser.post(f"{FACTOR}/recovery-codes", json=both)).json()["codes"]
    assert not set(renewed) & set(codes)
    other = await studio.http()
    assert (await second_step(other, await first_step(other), codes[1])).status_code == 401
    assert (await second_step(other, await first_step(other), renewed[1])).status_code == 200


async def test_turning_it_off_takes_both_factors(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    for body in ({"password": "wrong", "code": phone.next_code()}, {"password": PASSWORD, "code": "000000"}):
        assert (await ann.post(f"{FACTOR}/turn-off", json=body)).status_code == 422
    body = {"password": PASSWORD, "code": phone.next_code()}
    assert (await ann.post(f"{FACTOR}/turn-off", json=body)).status_code == 204
    http = await studio.http()
    answer = await http.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    assert answer.status_code == 200


async def test_a_reset_password_does_not_open_the_second_door(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    http = await studio.http()
    pending = await first_step(http)
    await mails_of(studio)
    await http.post("/api/v1/auth/password/forgot", json={"email": "ann@example.com"})
    token = token_of(await mail_about(studio, "reset-password"))
    body = {"token": token, "password": "quite another long password"}
    assert (await http.post("/api/v1/auth/password/reset", json=body)).status_code == 204
    assert (await second_step(http, pending, phone.next_code())).json()["code"] == "sign_in_expired"
    await first_step(http, "quite another long password")


async def test_the_table_holds_neither_secret_nor_codes(
    studio: Studio, phone: Authenticator, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    codes = await turn_on(ann, phone)
    async with owner_engine.begin() as connection:
        kept: Any = (await connection.execute(text("SELECT sealed_secret FROM second_factors"))).scalar_one()
        hashes = (await connection.execute(text("SELECT code_hash FROM recovery_codes"))).scalars().all()
    assert phone.secret not in kept
    assert len(hashes) == 10
    assert not any(code.replace("-", "").encode() in code_hash for code in codes for code_hash in hashes)


async def test_a_secret_moved_to_another_account_is_worth_nothing(
    studio: Studio, phone: Authenticator, owner_engine: AsyncEngine
) -> None:
    """Whoever can write the table still can't sign in as Ann with a telephone of their own."""
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    other = await make_member(studio, (await make_organization(studio, "Other")).organization_id, Role.OWNER)
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO second_factors (user_id, sealed_secret, confirmed_at) "
                f"SELECT '{other.user_id}', sealed_secret, now() FROM second_factors"
            )
        )
    http = await studio.http()
    headers = await bearer_of(studio, other)
    answer = await http.post("/api/v1/users/me/deletion", json={"code": phone.next_code()}, headers=headers)
    assert [each["code"] for each in answer.json()["errors"]] == ["wrong_code"]


async def test_an_admin_resets_the_second_factor_of_a_member_who_is_told(studio: Studio, phone: Authenticator) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await turn_on(bob, phone)
    seen = {each["name"]: each["second_factor"] for each in (await ann.get("/api/v1/members")).json()["items"]}
    assert seen == {"Ann": False, "Bob": True}
    seen = {each["name"]: each["second_factor"] for each in (await bob.get("/api/v1/members")).json()["items"]}
    assert seen == {"Ann": None, "Bob": True}
    await mails_of(studio)

    path = f"/api/v1/members/{bob.user['id']}/second-factor"
    assert (await ann.request("DELETE", path)).status_code == 204
    assert (await bob.get("/api/v1/users/me")).status_code == 401
    http = await studio.http()
    answer = await http.post("/api/v1/auth/login", json={"email": "bob@example.com", "password": PASSWORD})
    assert answer.status_code == 200
    event = (await ann.get("/api/v1/audit?action=second_factor.reset")).json()["items"][0]
    assert (event["actor_name"], event["target"]) == ("Ann", f"user:{bob.user['id']}")
    (mail,) = await mails_of(studio)
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "Ann reset your second factor")
    assert "/forgot-password" in text_of(mail)
    again = await ann.request("DELETE", path)
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_off")


async def test_nobody_resets_their_own_second_factor_or_one_that_guards_another_organisation(
    studio: Studio, phone: Authenticator
) -> None:
    ann = await studio.register("ann")
    await turn_on(ann, phone)
    own = await ann.request("DELETE", f"/api/v1/members/{ann.user['id']}/second-factor")
    assert (own.status_code, own.json()["code"]) == (409, "own_second_factor")

    bob = await join(studio, ann, "bob")
    elsewhere = await make_organization(studio, "Elsewhere")
    async with studio.parts.units.tenant(elsewhere.organization_id) as unit:
        unit.members.add(UUID(bob.user["id"]), Role.VIEWER)
    await turn_on(bob, phone)
    refused = await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}/second-factor")
    assert (refused.status_code, refused.json()["code"]) == (409, "member_elsewhere")


@pytest.mark.parametrize(
    ("caller", "target", "status"), [(Role.ADMIN, Role.OWNER, 403), (Role.ADMIN, Role.MEMBER, 409)]
)
async def test_an_admin_resets_no_owner_s_second_factor(
    studio: Studio, caller: Role, target: Role, status: int
) -> None:
    owner = await make_organization(studio, "Own")
    acting = await make_member(studio, owner.organization_id, caller)
    other = owner if target is Role.OWNER else await make_member(studio, owner.organization_id, target)
    http, headers = await studio.http(), await bearer_of(studio, acting)
    answer = await http.delete(f"/api/v1/members/{other.user_id}/second-factor", headers=headers)
    assert answer.status_code == status, answer.text
