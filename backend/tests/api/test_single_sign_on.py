"""Single sign-on with a real provider: who gets in, as whom, with which role, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Servers
from tests.support.mailbox import mail_about, token_of
from tests.support.sign_in_services import (
    PersonAtProvider,
    RealProvider,
    arrive,
    depart,
    parameter,
    real_provider,
    sign_in,
)
from tests.support.studio import Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]
PUBLIC_URL = "http://127.0.0.1:3000"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "bob": {"email": "Bob@Work.example", "email_verified": True, "name": "Bob Builder", "groups": ["artists"]},
    "ann": {"email": "ann@example.com", "email_verified": True, "name": "Ann", "groups": []},
    "eve": {"email": "ann@example.com", "email_verified": False, "name": "Eve", "groups": []},
}


@pytest.fixture(scope="module")
async def real(servers: Servers) -> AsyncIterator[RealProvider]:
    async with real_provider(PUBLIC_URL) as provider:
        yield provider


@pytest.fixture
async def provider(real: RealProvider) -> RealProvider:
    await real.change(accounts=ACCOUNTS)
    return real


async def me(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.get("/api/v1/users/me")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def audit(browser: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await browser.get("/api/v1/audit")).json()["items"]
    return items


async def test_a_colleague_signs_in_and_has_an_account(provider: RealProvider, open_studio_with: OpenStudio) -> None:
    async with open_studio_with(oidc_providers=[provider.settings()]) as studio:
        ann = await studio.register("ann")
        config = (await (await studio.http()).get("/api/v1/auth/config")).json()
        assert config["sign_in_services"] == [{"name": "work", "label": "Work account"}]
        assert config["oidc_providers"] == ["work"]

        http, page = await sign_in(studio, "bob", next_path="/gallery?q=a+cat")
        assert page == "/gallery?q=a+cat"
        body = await me(http)
        assert (body["user"]["email"], body["user"]["name"]) == ("bob@work.example", "Bob Builder")
        assert (body["user"]["email_verified"], body["user"]["has_password"]) == (True, False)
        assert body["organization"]["id"] == (await me(ann.http))["organization"]["id"]
        assert body["roles"] == ["member"]
        assert (await Browser(http, {}).generate("a heart"))["status"] == "QUEUED", "the CSRF cookie is there too"

        again, _ = await sign_in(studio, "bob")
        assert (await me(again))["user"]["id"] == body["user"]["id"]
        linked = [each for each in await audit(ann) if each["action"] == "identity.linked"]
        assert [each["after"]["provider"] for each in linked] == ["work"]


async def test_groups_decide_the_role_at_each_sign_in(provider: RealProvider, open_studio_with: OpenStudio) -> None:
    rules = {"roles": {"artists": "member", "bosses": "admin"}, "default_role": None}
    async with open_studio_with(oidc_providers=[provider.settings(**rules)]) as studio:
        ann = await studio.register("ann")
        first, _ = await sign_in(studio, "bob")
        assert (await me(first))["roles"] == ["member"]

        await provider.change(accounts={"bob": {**ACCOUNTS["bob"], "groups": ["artists", "bosses"]}})
        second, _ = await sign_in(studio, "bob")
        assert (await me(second))["roles"] == ["admin"]
        changes = [
            (each["before"], each["after"]["role"]) for each in await audit(ann) if each["action"] == "role.by_groups"
        ]
        assert changes == [({"role": "member"}, "admin"), (None, "member")]

        await provider.change(accounts={"bob": {**ACCOUNTS["bob"], "groups": ["others"]}})
        _, page = await sign_in(studio, "bob")
        assert page == "/login?error=sso_not_allowed"
        assert (await second.get("/api/v1/users/me")).status_code == 401, "who lost the groups loses the sessions"


async def test_the_last_owner_stays_one_whatever_the_groups_say(
    provider: RealProvider, open_studio_with: OpenStudio, owner_engine: AsyncEngine
) -> None:
    rules = {"roles": {"artists": "viewer"}, "link_by_email": True, "default_role": "viewer"}
    async with open_studio_with(oidc_providers=[provider.settings(**rules)]) as studio:
        ann = await studio.register("ann")
        await verify(studio, ann)
        http, _ = await sign_in(studio, "ann")
        assert (await me(http))["roles"] == ["owner"]


async def verify(studio: Studio, browser: Browser) -> None:
    body = {"token": token_of(await mail_about(studio, "verify-email"))}
    assert (await browser.http.post("/api/v1/auth/email/verify", json=body)).status_code == 204


@pytest.mark.parametrize(
    ("rules", "login", "own_side_verified", "lets_in"),
    [
        ({"link_by_email": True}, "ann", True, True),
        ({"link_by_email": True}, "ann", False, False),  # somebody may have registered Ann's address before her
        ({"link_by_email": True}, "eve", True, False),  # the provider does not say that the address is hers
        ({}, "ann", True, False),
    ],
)
async def test_an_account_of_the_same_address_is_linked_only_when_both_sides_verified_it_and_the_rule_says_so(
    provider: RealProvider,
    open_studio_with: OpenStudio,
    rules: dict[str, Any],
    login: str,
    *,
    own_side_verified: bool,
    lets_in: bool,
) -> None:
    async with open_studio_with(oidc_providers=[provider.settings(**rules)]) as studio:
        ann = await studio.register("ann")
        if own_side_verified:
            await verify(studio, ann)
        http, page = await sign_in(studio, login)
        if lets_in:
            assert page == "/"
            assert (await me(http))["user"]["id"] == ann.user["id"]
        else:
            assert page == "/login?error=sso_account_exists"
            assert "easel_access" not in http.cookies


@pytest.mark.parametrize(
    ("rules", "login", "error"),
    [
        ({"create_accounts": False}, "bob", "sso_no_account"),
        ({"allowed_domains": ["example.com"]}, "bob", "sso_not_allowed"),
        ({"roles": {"bosses": "admin"}, "default_role": None}, "bob", "sso_not_allowed"),
        ({}, "stranger", "sso_email_unverified"),
    ],
)
async def test_whom_the_rules_keep_out_gets_no_account(
    provider: RealProvider,
    open_studio_with: OpenStudio,
    owner_engine: AsyncEngine,
    rules: dict[str, Any],
    login: str,
    error: str,
) -> None:
    async with open_studio_with(oidc_providers=[provider.settings(**rules)]) as studio:
        await studio.register("ann")
        _, page = await sign_in(studio, login)
        assert page == f"/login?error={error}"
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM users")) == 1
        assert await connection.scalar(text("SELECT count(*) FROM external_identities")) == 0


async def test_before_there_is_an_owner_nobody_comes_in_by_single_sign_on(
    provider: RealProvider, open_studio_with: OpenStudio
) -> None:
    async with open_studio_with(oidc_providers=[provider.settings()]) as studio:
        _, page = await sign_in(studio, "bob")
        assert page == "/login?error=first_run"


async def test_whoever_refuses_at_the_provider_is_back_at_the_sign_in_page(
    provider: RealProvider, open_studio_with: OpenStudio
) -> None:
    async with open_studio_with(oidc_providers=[provider.settings()]) as studio:
        await studio.register("ann")
        http = await studio.http()
        callback = await PersonAtProvider("bob").visit(await depart(http), refuse=True)
        assert await arrive(http, callback) == "/login?error=sso_denied"


async def test_a_code_is_good_once_and_only_for_who_began(provider: RealProvider, open_studio_with: OpenStudio) -> None:
    async with open_studio_with(oidc_providers=[provider.settings()]) as studio:
        await studio.register("ann")
        bob, thief = await studio.http(), await studio.http()
        person = PersonAtProvider("bob")
        callback = await person.visit(await depart(bob))
        flow = bob.cookies["easel_sso_work"]

        assert await arrive(thief, callback) == "/login?error=sso_expired", "another browser began nothing"
        own = await depart(thief)
        mixed = callback.replace(parameter(callback, "state"), parameter(own, "state"))
        assert await arrive(thief, mixed) == "/login?error=sso_failed", "another's code has another verifier and nonce"
        assert "easel_access" not in thief.cookies

        second = await person.visit(await depart(bob))
        flow = bob.cookies["easel_sso_work"]
        assert await arrive(bob, second) == "/"
        assert "easel_sso_work" not in bob.cookies
        bob.cookies.set("easel_sso_work", flow, path="/api/v1/auth/oidc")
        assert await arrive(bob, second) == "/login?error=sso_failed"


async def test_signing_out_at_the_provider_ends_the_sessions_that_began_there(
    provider: RealProvider, open_studio_with: OpenStudio
) -> None:
    async with open_studio_with(oidc_providers=[provider.settings()]) as studio:
        ann = await studio.register("ann")
        await provider.change(backchannel=studio.url)
        first, second, person = await studio.http(), await studio.http(), PersonAtProvider("bob")
        await arrive(first, await person.visit(await depart(first)))
        elsewhere = PersonAtProvider("bob")
        await arrive(second, await elsewhere.visit(await depart(second)))
        await me(first)

        await person.sign_out(provider.issuer)
        assert (await first.get("/api/v1/users/me")).status_code == 401
        assert (await first.post("/api/v1/auth/refresh")).status_code == 401
        assert (await second.get("/api/v1/users/me")).status_code == 200, "another browser's session at the provider"
        ended = [each for each in await audit(ann) if each["action"] == "session.ended"]
        assert [each["after"]["because"] for each in ended] == ["signed_out_at_provider"]


async def test_an_unknown_provider_is_a_404_and_one_that_is_away_is_told_on_the_page(
    open_studio_with: OpenStudio,
) -> None:
    away = {"name": "away", "issuer": "http://127.0.0.1:1", "client_id": "x"}
    async with open_studio_with(oidc_providers=[away]) as studio:
        http = await studio.http()
        answer = await http.get("/api/v1/auth/oidc/nobody/login")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_provider")
        answer = await http.get("/api/v1/auth/oidc/away/login")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{PUBLIC_URL}/login?error=sso_unavailable"
