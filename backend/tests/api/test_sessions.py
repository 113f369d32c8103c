"""Accounts and sessions over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import utc_now
from app.services.accounts import AccountService
from tests.support.mailbox import mail_about, mails_of, token_of
from tests.support.studio import PASSWORD, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def test_the_first_account_owns_the_studio_and_later_ones_need_an_invitation(studio: Studio) -> None:
    http = await studio.http()
    assert (await http.get("/api/v1/auth/config")).json()["registration"] == "first_run"
    ann = await studio.register("Ann")
    me = (await ann.get("/api/v1/users/me")).json()
    assert me["user"]["email"] == "ann@example.com"
    assert me["roles"] == ["owner"]
    assert "admin" in me["scopes"]
    assert me["quota"] == {"limit": None, "used": 0.0, "resets_at": me["quota"]["resets_at"]}

    assert (await http.get("/api/v1/auth/config")).json()["registration"] == "invite"
    body = {"email": "bob@example.com", "password": PASSWORD, "name": "Bob"}
    answer = await http.post("/api/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "invitation_required")


async def test_of_ten_first_registrations_at_once_one_wins(studio: Studio) -> None:
    http = await studio.http()
    bodies = [{"email": f"p{number}@example.com", "password": PASSWORD, "name": "P"} for number in range(10)]
    answers = await asyncio.gather(*(http.post("/api/v1/auth/register", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [403] * 9


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "short"}, "/password"),
        ({"email": "no address"}, "/email"),
        ({"name": "   "}, "/name"),
        ({"admin": True}, "/admin"),
    ],
)
async def test_a_bad_registration_names_the_field(studio: Studio, change: dict[str, object], pointer: str) -> None:
    http = await studio.http()
    body = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann", **change}
    answer = await http.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await http.get("/api/v1/auth/config")).json()["registration"] == "first_run"


async def test_sign_in_out_and_in_again(studio: Studio) -> None:
    ann = await studio.register("ann")
    assert (await ann.post("/api/v1/auth/logout")).status_code == 204
    assert (await ann.get("/api/v1/users/me")).status_code == 401
    assert set(ann.http.cookies) == {"easel_device"}

    credentials = {"email": "  ANN@example.com ", "password": PASSWORD}
    answer = await ann.http.post("/api/v1/auth/login", json=credentials)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 600
    assert (await ann.get("/api/v1/users/me")).status_code == 200


async def test_an_ended_session_is_dead_at_once_and_the_others_live(studio: Studio) -> None:
    ann = await studio.register("ann")
    elsewhere = await studio.http()
    token = (await elsewhere.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": PASSWORD})).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await elsewhere.get("/api/v1/users/me", headers=bearer)).status_code == 200

    await ann.post("/api/v1/auth/logout")
    assert (await elsewhere.get("/api/v1/users/me", headers=bearer)).status_code == 200

    await elsewhere.post("/api/v1/auth/logout?all=true", headers=bearer)
    assert (await elsewhere.get("/api/v1/users/me", headers=bearer)).status_code == 401


async def test_unknown_and_known_people_are_refused_in_the_same_words(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    answers = [
        await http.post("/api/v1/auth/login", json={"email": email, "password": "a wrong password"})
        for email in ("ann@example.com", "nobody@example.com")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert answers[0].json()["code"] == "wrong_credentials"


async def test_refreshing_rotates(studio: Studio) -> None:
    """What happens to a token that comes twice is in tests/attacks/test_18_refresh.py."""
    ann = await studio.register("ann")
    old = ann.http.cookies["easel_refresh"]
    answer = await ann.post("/api/v1/auth/refresh")
    assert answer.status_code == 200
    assert ann.http.cookies["easel_refresh"] != old
    assert (await ann.get("/api/v1/users/me")).status_code == 200


async def test_the_cookies_are_out_of_reach_of_scripts(studio: Studio) -> None:
    http = await studio.http()
    body = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"}
    answer = await http.post("/api/v1/auth/register", json=body)
    cookies = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies["easel_access"]
    assert "HttpOnly" in cookies["easel_refresh"]
    assert "Path=/api/v1/auth" in cookies["easel_refresh"]
    assert "HttpOnly" not in cookies["easel_csrf"]
    assert all("SameSite=lax" in line for line in cookies.values())


async def test_over_https_the_cookies_are_bound_to_the_host(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(public_url="https://easel.example.com") as studio:
        http = await studio.http()
        body = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"}
        answer = await http.post("/api/v1/auth/register", json=body)
    cookies = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {
        "__Host-easel_access",
        "__Secure-easel_refresh",
        "__Host-easel_csrf",
        "__Secure-easel_device",
    }
    assert all("Secure" in line for line in cookies.values())
    assert "Path=/;" in cookies["__Host-easel_access"]


async def test_a_cookie_alone_changes_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    answer = await ann.http.post("/api/v1/generate", json={"prompt": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    stolen = await ann.post("/api/v1/generate", json={"prompt": "x"}, headers={"X-CSRF-Token": "0" * 64})
    assert stolen.status_code == 403
    for origin in ("https://evil.example", "null", "http://127.0.0.1:3001"):
        foreign = await ann.post("/api/v1/generate", json={"prompt": "x"}, headers={"Origin": origin})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    own = await ann.post("/api/v1/generate", json={"prompt": "x"}, headers={"Origin": "http://127.0.0.1:3000"})
    assert own.status_code == 202


async def test_a_foreign_page_cannot_sign_anyone_in(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    credentials = {"email": "ann@example.com", "password": PASSWORD}
    answer = await http.post("/api/v1/auth/login", json=credentials, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_a_narrowed_token_may_do_no_more_than_asked(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    form = {"username": "ann@example.com", "password": PASSWORD, "scope": "images:read jobs:read"}
    token = (await http.post("/api/v1/auth/token", data=form)).json()
    assert token["scope"] == "images:read jobs:read"
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await http.get("/api/v1/images", headers=bearer)).status_code == 200
    answer = await http.post("/api/v1/generate", json={"prompt": "x"}, headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")

    unknown = await http.post("/api/v1/auth/token", data={**form, "scope": "world:rule"})
    assert unknown.status_code == 422


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "é"])
async def test_a_wrong_token_is_a_401_that_says_what_to_do(studio: Studio, token: str) -> None:
    http = await studio.http()
    answer = await http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401
    assert "Sign in" in answer.json()["detail"]
    assert "Bearer" in answer.headers["WWW-Authenticate"]


async def test_open_registration_gives_everyone_a_studio_of_their_own(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        organizations = [(await each.get("/api/v1/users/me")).json()["organization"] for each in (ann, bob)]
        assert organizations[0]["id"] != organizations[1]["id"]
        taken = {"email": "Ann@Example.com", "password": PASSWORD, "name": "Eve"}
        answer = await (await studio.http()).post("/api/v1/auth/register", json=taken)
        assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_what_the_command_line_made_belongs_to_the_first_account(studio: Studio) -> None:
    operator: AccountService = studio.services.accounts
    signed_in = await operator.operator_sign_in()
    again = await operator.operator_sign_in()
    assert again.user.id == signed_in.user.id
    http = await studio.http()
    bearer = {"Authorization": f"Bearer {signed_in.access_token}"}
    assert (await http.post("/api/v1/generate", json={"prompt": "a heart"}, headers=bearer)).status_code == 202
    await studio.drain()
    assert (await http.get("/api/v1/auth/config")).json()["registration"] == "first_run"

    ann = await studio.register("ann")
    (image,) = (await ann.get("/api/v1/images")).json()["items"]
    assert image["prompt"] == "a heart"
    assert (await operator.operator_sign_in()).user.email == "ann@example.com"


async def test_a_session_that_nobody_uses_ends_before_its_time(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    other = (await studio.http()).post("/api/v1/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    assert (await other).status_code == 200
    idle = studio.settings.session_idle_days
    async with owner_engine.begin() as connection:
        long_ago = {"then": utc_now() - timedelta(days=idle, minutes=-1)}
        await connection.execute(text("UPDATE sessions SET last_used_at = :then"), long_ago)
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 200, "a minute before"
    async with owner_engine.begin() as connection:
        long_ago = {"then": utc_now() - timedelta(days=idle, minutes=1)}
        await connection.execute(text("UPDATE sessions SET last_used_at = :then"), long_ago)
    assert (await ann.get("/api/v1/sessions")).json()["items"] == []
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 401


async def test_a_password_that_is_tried_first_is_refused_wherever_one_is_set(studio: Studio) -> None:
    weak = {"email": "ann@example.com", "password": "password1234", "name": "Ann"}
    answer = await (await studio.http()).post("/api/v1/auth/register", json=weak)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "weak_password")
    ann = await studio.register("ann")
    body = {"current_password": PASSWORD, "new_password": "ann@example.com"}
    changed = await ann.request("PUT", "/api/v1/auth/password", json=body)
    assert [(each["pointer"], each["code"]) for each in changed.json()["errors"]] == [
        ("/new_password", "weak_password")
    ]
    await mails_of(studio)
    await ann.http.post("/api/v1/auth/password/forgot", json={"email": "ann@example.com"})
    reset = {"token": token_of(await mail_about(studio, "reset-password")), "password": "qwertyuiop"}
    path = "/api/v1/auth/password/reset"
    assert (await ann.http.post(path, json=reset)).json()["errors"][0]["code"] == "weak_password"
    good = {**reset, "password": "quite another long password"}
    assert (await ann.http.post(path, json=good)).status_code == 204, "the link was not spent by it"
