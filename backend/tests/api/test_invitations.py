"""Invitations: for one address, for a while, for once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import utc_now
from app.core.enums import Role
from app.services.limits import _INVITATION
from tests.support.mailbox import mails_of, text_of
from tests.support.people import bearer_of, invite, join, make_member, make_organization
from tests.support.studio import PASSWORD, Browser, Studio

BOB = {"email": "bob@example.com", "password": PASSWORD, "name": "Bob"}
UNKNOWN = "A" * 43


async def register(studio: Studio, token: str, **changes: str) -> tuple[int, str]:
    answer = await (await studio.http()).post("/api/v1/auth/register", json={**BOB, "invitation": token, **changes})
    return answer.status_code, answer.json().get("code", "")


async def test_an_invited_person_registers_and_joins_with_the_role(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    made = await invite(ann, "Bob", "viewer")
    assert made["url"] == f"http://127.0.0.1:3000/invite/{made['token']}"
    assert made["email"] == "bob@example.com"
    preview = await (await studio.http()).post("/api/v1/invitations/preview", json={"token": made["token"]})
    assert preview.json() == {
        "organization_name": "Studio",
        "invited_by_name": "Ann",
        "email": "bob@example.com",
        "role": "viewer",
        "expires_at": made["expires_at"],
    }
    http = await studio.http()
    answer = await http.post("/api/v1/auth/register", json={**BOB, "invitation": made["token"]})
    assert answer.status_code == 201
    me = (await http.get("/api/v1/users/me")).json()
    assert (me["organization"]["name"], me["roles"]) == ("Studio", ["viewer"])
    assert len(me["organizations"]) == 1
    told = (await ann.get("/api/v1/audit")).json()["items"]
    assert {"invitation.created", "invitation.accepted", "account.registered"} <= {each["action"] for each in told}
    assert made["token"] not in str(told)
    async with owner_engine.begin() as connection:
        (kept,) = await connection.scalars(text("SELECT token_hash FROM invitations"))
        assert made["token"].encode() not in bytes(kept)


async def test_a_used_revoked_expired_or_made_up_token_opens_nothing(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    await join(studio, ann, "cat")
    revoked = await invite(ann, "bob")
    assert (await ann.request("DELETE", f"/api/v1/invitations/{revoked['id']}")).status_code == 204
    assert (await ann.request("DELETE", f"/api/v1/invitations/{revoked['id']}")).status_code == 404
    assert await register(studio, revoked["token"]) == (404, "invitation_not_found")
    replaced, latest = await invite(ann, "bob"), await invite(ann, "bob", expires_in_days=1)
    assert await register(studio, replaced["token"]) == (404, "invitation_not_found")
    assert await register(studio, UNKNOWN) == (404, "invitation_not_found")
    async with owner_engine.begin() as connection:
        past = {"past": utc_now() - timedelta(seconds=1), "email": "bob@example.com"}
        await connection.execute(text("UPDATE invitations SET expires_at = :past WHERE email = :email"), past)
    assert await register(studio, latest["token"]) == (404, "invitation_not_found")
    preview = await ann.http.post("/api/v1/invitations/preview", json={"token": latest["token"]})
    assert preview.status_code == 404
    (listed,) = (await ann.get("/api/v1/invitations")).json()["items"]
    assert (listed["id"], listed["expired"], "token" in listed) == (latest["id"], True, False)
    fresh = await invite(ann, "bob")
    assert await register(studio, fresh["token"]) == (201, "")
    assert await register(studio, fresh["token"], email="bob@example.com") == (409, "email_taken")


async def test_an_invitation_is_for_its_address_alone(studio: Studio) -> None:
    ann = await studio.register("ann")
    token = (await invite(ann, "bob"))["token"]
    assert await register(studio, token, email="eve@example.com") == (403, "invitation_for_other_address")
    eve = await join(studio, ann, "eve")
    answer = await eve.post("/api/v1/invitations/accept", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (403, "invitation_for_other_address")
    assert await register(studio, token, email="BOB@example.com") == (201, "")


async def test_a_signed_in_person_accepts_and_goes_on_there(studio: Studio) -> None:
    ann = await studio.register("ann")
    second = (await ann.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    bob = await join(studio, ann, "bob")
    await ann.post(f"/api/v1/organizations/{second}/switch")
    token = (await invite(ann, "bob", "admin"))["token"]
    answer = await bob.post("/api/v1/invitations/accept", json={"token": token})
    assert answer.status_code == 200, answer.text
    me = (await bob.get("/api/v1/users/me")).json()
    assert (me["organization"]["name"], me["roles"], len(me["organizations"])) == ("Second", ["admin"], 2)
    again = await bob.post("/api/v1/invitations/accept", json={"token": token})
    assert again.status_code == 404
    event = (await ann.get("/api/v1/audit?action=invitation.accepted")).json()["items"][0]
    assert (event["actor_name"], event["before"], event["after"]) == ("Bob", {"role": None}, {"role": "admin"})


async def test_whoever_belongs_nowhere_signs_in_with_the_invitation(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}")
    token = (await invite(ann, "bob", "viewer"))["token"]
    http = await studio.http()
    credentials = {"email": "bob@example.com", "password": PASSWORD, "invitation": token}
    wrong = await http.post("/api/v1/auth/login", json={**credentials, "password": "not this one at all"})
    assert wrong.status_code == 401
    assert (await http.post("/api/v1/auth/login", json=credentials)).status_code == 200
    assert (await http.get("/api/v1/users/me")).json()["roles"] == ["viewer"]


async def test_of_many_who_use_one_invitation_at_once_one_joins(studio: Studio) -> None:
    ann = await studio.register("ann")
    token = (await invite(ann, "bob"))["token"]
    answers = await asyncio.gather(*(register(studio, token) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [201] + [409] * 7
    assert len((await ann.get("/api/v1/members")).json()["items"]) == 2


async def test_who_belongs_already_is_not_invited(studio: Studio) -> None:
    ann = await studio.register("ann")
    await join(studio, ann, "bob")
    answer = await ann.post("/api/v1/invitations", json={"email": "BOB@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


@pytest.mark.parametrize(("role", "status"), [("viewer", 201), ("member", 201), ("admin", 403), ("owner", 403)])
async def test_an_admin_invites_nobody_above_members(studio: Studio, role: str, status: int) -> None:
    owner = await make_organization(studio, "Own")
    admin = await make_member(studio, owner.organization_id, Role.ADMIN)
    http = await studio.http()
    body = {"email": "bob@example.com", "role": role}
    answer = await http.post("/api/v1/invitations", json=body, headers=await bearer_of(studio, admin))
    assert answer.status_code == status
    if status == 403:
        made = await http.post("/api/v1/invitations", json=body, headers=await bearer_of(studio, owner))
        path = f"/api/v1/invitations/{made.json()['id']}"
        assert (await http.delete(path, headers=await bearer_of(studio, admin))).status_code == 403


async def test_a_foreign_page_accepts_nothing_in_somebodys_name(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob: Browser = await join(studio, ann, "bob")
    answer = await bob.http.post("/api/v1/invitations/accept", json={"token": UNKNOWN})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


async def test_an_invitation_is_mailed_with_its_link_in_the_language_of_who_reads_it(studio: Studio) -> None:
    ann = await studio.register("ann")
    await mails_of(studio)
    german = {"Accept-Language": "de-AT,de;q=0.9"}
    made = (await ann.post("/api/v1/invitations", json={"email": "bob@example.com"}, headers=german)).json()
    (mail,) = await mails_of(studio)
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "Ann invites you to Studio"), "as Ann's account says"
    assert made["url"] in text_of(mail)
    assert await register(studio, made["token"]) == (201, "")

    second = (await ann.post("/api/v1/organizations", json={"name": "Zweites"})).json()["id"]
    cat = await studio.http()
    body = {"email": "cat@example.com", "password": PASSWORD, "name": "Cat"}
    token = (await invite(ann, "cat"))["token"]
    await cat.post("/api/v1/auth/register", json={**body, "invitation": token}, headers=german)
    await mails_of(studio)
    await ann.post(f"/api/v1/organizations/{second}/switch")
    await invite(ann, "cat")
    (mail,) = await mails_of(studio)
    assert mail["Subject"] == "Ann lädt dich zu Zweites ein", "her own language, not the inviter's"


async def test_an_invitation_that_is_sent_again_has_a_new_link_and_ends_the_old(studio: Studio) -> None:
    ann = await studio.register("ann")
    first = await invite(ann, "bob", expires_in_days=3)
    await mails_of(studio)
    again = await ann.post(f"/api/v1/invitations/{first['id']}/send")
    assert again.status_code == 200, again.text
    (mail,) = await mails_of(studio)
    assert again.json()["url"] in text_of(mail)
    assert again.json()["id"] == first["id"]
    assert again.json()["expires_at"] > first["expires_at"], "good for three days from now"
    assert await register(studio, first["token"]) == (404, "invitation_not_found")
    event = (await ann.get("/api/v1/audit")).json()["items"][0]
    assert (event["action"], event["target"]) == ("invitation.sent_again", f"invitation:{first['id']}")
    assert await register(studio, again.json()["token"]) == (201, "")
    gone = await ann.post(f"/api/v1/invitations/{first['id']}/send")
    assert (gone.status_code, gone.json()["code"]) == (404, "invitation_not_found")


async def test_nobody_is_sent_invitation_after_invitation(studio: Studio) -> None:
    ann = await studio.register("ann")
    first = await invite(ann, "bob")
    await mails_of(studio)
    path = f"/api/v1/invitations/{first['id']}/send"
    statuses = [(await ann.post(path)).status_code for _ in range(_INVITATION.free + 1)]
    assert statuses[: _INVITATION.free - 1] == [200] * (_INVITATION.free - 1)
    assert 429 in statuses
    assert len(await mails_of(studio)) == statuses.count(200)
    await invite(ann, "cat")  # others are not kept waiting
