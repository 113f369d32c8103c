"""Deleting one's own account: with proof, not while others depend on it, taken back in time, or gone for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.bootstrap.upkeep import make_account_purge, make_organization_purge
from app.core.clock import utc_now
from app.core.errors import Unavailable
from app.db.base import Base
from app.services.account_purges import AccountPurge
from tests.api.test_deletion import files_of, here
from tests.api.test_exports import worker
from tests.api.test_second_factors import Authenticator, phone, turn_on  # noqa: F401 (a fixture)
from tests.support.mailbox import mails_of, text_of, token_of
from tests.support.people import bearer_of, invite, join, make_member, make_organization
from tests.support.studio import PASSWORD, Browser, Studio

DELETION = "/api/v1/users/me/deletion"


async def ask(browser: Browser, **proof: str) -> httpx.Response:
    return await browser.post(DELETION, json={"password": PASSWORD, **proof})


async def sign_in(studio: Studio, name: str) -> httpx.Response:
    body = {"email": f"{name}@example.com", "password": PASSWORD}
    return await (await studio.http()).post("/api/v1/auth/login", json=body)


async def restore(studio: Studio, token: str) -> int:
    return (await (await studio.http()).post("/api/v1/auth/restore-account", json={"token": token})).status_code


async def make_due(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE users SET deletion_due_at = now() - interval '1 s' WHERE email IS NOT NULL"
                " AND deletion_due_at IS NOT NULL"
            )
        )


async def traces_of(engine: AsyncEngine, *words: str) -> dict[str, int]:
    """By table, how many rows have one of the words anywhere in them; the audit log aside, which nobody may change."""
    found = {}
    async with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for word in words:
                statement = text(f"SELECT count(*) FROM {table.name} AS row WHERE CAST(row AS text) ILIKE :word")
                count = await connection.scalar(statement, {"word": f"%{word}%"})
                if count and table.name not in {"audit_events", "mails"}:
                    found[table.name] = count
    return found


async def test_sessions_and_keys_end_at_once_and_the_mails_link_takes_it_back(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    elsewhere = Browser(await studio.http(), {})
    elsewhere.http.cookies = (await sign_in(studio, "bob")).cookies
    key = (await bob.post("/api/v1/keys", json={"name": "robot", "scopes": ["jobs:read"]})).json()["key"]
    by_key = {"Authorization": f"Bearer {key}"}
    assert (await ann.http.get("/api/v1/jobs", headers=by_key)).status_code == 200
    await mails_of(studio)

    asked = await ask(bob)
    assert asked.status_code == 202, asked.text
    assert not bob.http.cookies.get("easel_refresh"), "the browser is signed out too"
    for browser in (bob, elsewhere):
        assert (await browser.get("/api/v1/users/me")).status_code == 401
        assert (await browser.post("/api/v1/auth/refresh")).status_code == 401
    studio.services.keys._known.clear()
    assert (await (await studio.http()).get("/api/v1/jobs", headers=by_key)).status_code == 401
    (mail,) = await mails_of(studio)
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "Your account is going to be deleted")
    assert "/restore-account#" in text_of(mail)
    refused = await sign_in(studio, "bob")
    assert (refused.status_code, refused.json()["code"]) == (403, "account_closing")
    assert refused.json()["account_closing"]["due_at"][:16] == asked.json()["deletion_due_at"][:16]
    assert await make_account_purge(studio.parts).purge_due() == 0

    assert await restore(studio, token_of(mail)) == 204
    assert await restore(studio, token_of(mail)) == 422, "good once"
    assert await restore(studio, refused.json()["account_closing"]["token"]) == 422, "all such links ended with it"
    assert (await sign_in(studio, "bob")).status_code == 200
    assert (await (await studio.http()).get("/api/v1/jobs", headers=by_key)).status_code == 401, "keys stay ended"
    (kept,) = await mails_of(studio)
    assert kept["Subject"] == "Your account stays"
    told = [event["action"] for event in (await ann.get("/api/v1/audit")).json()["items"]]
    assert {"account.deletion_asked", "account.deletion_taken_back"} <= set(told)


async def test_signing_in_gives_what_takes_it_back(studio: Studio) -> None:
    ann = await studio.register("ann")
    await ask(ann)
    for refused in [await sign_in(studio, "ann") for _ in range(2)]:
        token = refused.json()["account_closing"]["token"]
    wrong = await (await studio.http()).post(
        "/api/v1/auth/login", json={"email": "ann@example.com", "password": "not this one at all"}
    )
    assert wrong.json()["code"] == "wrong_credentials", "only who knows the password learns of it"
    assert await restore(studio, token) == 204
    assert (await sign_in(studio, "ann")).status_code == 200


async def test_it_takes_the_password_and_the_code(studio: Studio, phone: Authenticator) -> None:  # noqa: F811 (the fixture)
    ann = await studio.register("ann")
    for body in ({}, {"password": "not this one at all"}):
        answer = await ann.post(DELETION, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")
    await turn_on(ann, phone)
    preview = (await ann.get(DELETION)).json()
    assert (preview["needs_password"], preview["needs_code"], preview["grace_hours"]) == (True, True, 72.0)
    for code in ("", "000000"):
        answer = await ask(ann, code=code)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")
    assert (await ann.get("/api/v1/users/me")).status_code == 200
    assert (await ask(ann, code=phone.next_code())).status_code == 202


async def test_without_a_password_one_must_have_signed_in_just_now(studio: Studio, owner_engine: AsyncEngine) -> None:
    owner = await make_organization(studio, "Own")
    member = await make_member(studio, owner.organization_id, owner.role)
    headers, http = await bearer_of(studio, member), await studio.http()
    async with owner_engine.begin() as connection:
        old = {"then": utc_now() - timedelta(minutes=11), "user": member.user_id}
        await connection.execute(text("UPDATE sessions SET created_at = :then WHERE user_id = :user"), old)
    answer = await http.post(DELETION, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    fresh = await http.post(DELETION, json={}, headers=await bearer_of(studio, member))
    assert fresh.status_code == 202


async def test_whoever_owns_what_others_belong_to_hands_it_on_first(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await ann.post("/api/v1/organizations", json={"name": "Hers alone"})
    preview = (await ann.get(DELETION)).json()
    assert [each["name"] for each in preview["owned_alone"]] == ["Studio"]
    assert [each["name"] for each in preview["deleted_too"]] == ["Hers alone"]
    refused = await ask(ann)
    assert (refused.status_code, refused.json()["code"]) == (409, "owner_of_others")
    assert "“Studio”" in refused.json()["detail"]
    assert (await ann.get("/api/v1/users/me")).status_code == 200
    handed = {"member_id": bob.user["id"], "password": PASSWORD}
    assert (await ann.post(f"/api/v1/organizations/{await here(ann)}/transfer", json=handed)).status_code == 204
    assert (await ask(ann)).status_code == 202


async def test_of_two_owners_who_delete_their_accounts_at_once_one_stays(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob", "owner")
    await join(studio, ann, "cat")
    answers = await asyncio.gather(ask(ann), ask(bob))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    left = ann if answers[0].status_code == 409 else bob
    leaving = await left.post(f"/api/v1/organizations/{await here(left)}/leave")
    assert (leaving.status_code, leaving.json()["code"]) == (409, "last_owner"), "who is about to go owns nothing on"


async def fill(studio: Studio, browser: Browser, word: str) -> None:
    for visibility in ("private", "organization"):
        await browser.generate(f"{word} {visibility}", visibility=visibility, negative_prompt=f"no {word}")
    await studio.drain()
    ids = [image["id"] for image in (await browser.get("/api/v1/images")).json()["items"]]
    await browser.post("/api/v1/collections", json={"name": f"{word} collection", "image_ids": ids})
    await browser.post("/api/v1/share-links", json={"image_id": ids[0]})
    await browser.post("/api/v1/keys", json={"name": f"{word} key", "scopes": ["jobs:read"]})
    await browser.post("/api/v1/images/export", json={"image_ids": ids})
    await worker(studio).run_waiting()


async def test_after_it_nothing_of_the_person_is_left_and_figures_and_colleagues_are_untouched(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    home = await here(ann)
    await fill(studio, ann, "annish")
    await fill(studio, bob, "bobbish")
    await bob.generate("bobbish waiting")
    files, used = await files_of(studio, home), (await ann.get("/api/v1/users/me")).json()["quota"]["used"]
    assert (await ask(bob)).status_code == 202
    await make_due(owner_engine)
    await mails_of(studio)
    assert await make_account_purge(studio.parts).purge_due() == 1

    assert await traces_of(owner_engine, "bobbish", "bob@example.com") == {"image_words": 1}
    assert await traces_of(owner_engine, "annish", "ann@example.com") != {}
    left = await files_of(studio, home)
    assert len(left) == len(files) / 2, "Ann's half"
    assert len((await ann.get("/api/v1/images")).json()["items"]) == 2
    charged = (await ann.get("/api/v1/users/me")).json()["quota"]["used"]
    assert 0 < charged < used, "the waiting job was given back, what was made stays charged"
    assert [each["name"] for each in (await ann.get("/api/v1/members")).json()["items"]] == ["Ann"]
    told = (await ann.get("/api/v1/audit?action=account.registered")).json()["items"]
    assert {each["actor_name"] for each in told} == {"Deleted account", "Ann"} or {
        each["actor_name"] for each in told
    } == {"Deleted account"}
    assert (await sign_in(studio, "bob")).json()["code"] == "wrong_credentials"
    (last,) = await mails_of(studio)
    assert (last["To"], last["Subject"]) == ("bob@example.com", "Your account is deleted")
    assert await make_account_purge(studio.parts).purge_due() == 0
    again = await join(studio, ann, "bob")
    assert again.user["id"] != bob.user["id"], "a new account, like anybody's"


async def test_what_was_left_in_an_organisation_goes_too_and_one_without_members_goes_whole(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    home = await here(ann)
    second = (await ann.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    await fill(studio, bob, "bobbish")
    await ann.post(f"/api/v1/organizations/{second}/switch")
    await bob.post("/api/v1/invitations/accept", json={"token": (await invite(ann, "bob", "owner"))["token"]})
    await ann.post(f"/api/v1/organizations/{second}/leave")
    assert (await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}")).status_code == 204
    assert (await bob.get(DELETION)).json()["deleted_too"][0]["name"] == "Second"
    await bob.generate("bobbish in the second")
    await studio.drain()
    assert (await ask(bob)).status_code == 202
    await make_due(owner_engine)
    assert await make_account_purge(studio.parts).purge_due() == 1
    assert await make_organization_purge(studio.parts).purge_due() == 1
    assert await files_of(studio, home) == await files_of(studio, second) == []
    assert set(await traces_of(owner_engine, "bobbish")) <= {"image_words"}
    assert [each["name"] for each in (await ann.get("/api/v1/users/me")).json()["organizations"]] == ["Studio"]


@pytest.mark.parametrize("stopped_at", ["_end_jobs", "_remove_images", "_remove_rows", "_leave"])
async def test_a_purge_that_is_stopped_goes_on_where_it_was(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await fill(studio, bob, "bobbish")
    await ask(bob)
    await make_due(owner_engine)
    step = getattr(AccountPurge, stopped_at)

    async def done_and_then_stopped(self: AccountPurge, *arguments: Any) -> None:
        await step(self, *arguments)
        raise Unavailable("the database went away")

    with monkeypatch.context() as stopping:
        stopping.setattr(AccountPurge, stopped_at, done_and_then_stopped)
        assert await make_account_purge(studio.parts).purge_due() == 0
    assert "users" in await traces_of(owner_engine, "bob@example.com")
    assert await make_account_purge(studio.parts).purge_due() == 1
    assert set(await traces_of(owner_engine, "bobbish", "bob@example.com")) <= {"image_words"}


async def test_an_organisation_whose_other_owner_is_disabled_meanwhile_gets_a_new_one(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob", "owner")
    cat = await join(studio, ann, "cat", "admin")
    assert (await ask(bob)).status_code == 202
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE users SET disabled_at = now() WHERE email = 'ann@example.com'"))
        await connection.execute(
            text("UPDATE memberships SET role = 'viewer' WHERE role = 'owner' AND user_id = :id"),
            {"id": ann.user["id"]},
        )
    await make_due(owner_engine)
    assert await make_account_purge(studio.parts).purge_due() == 1
    studio.services.sessions._live.clear()
    assert (await cat.get("/api/v1/users/me")).json()["roles"] == ["owner"]
