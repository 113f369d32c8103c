"""Members: who sees whom, who may change whom, and how a membership ends."""

from __future__ import annotations

import asyncio

import pytest

from app.core.enums import Role
from tests.support.people import bearer_of, join, make_member, make_organization
from tests.support.studio import PASSWORD, Browser, Studio


async def roles_of(browser: Browser) -> dict[str, str]:
    members = (await browser.get("/api/v1/members")).json()["items"]
    return {member["name"]: member["role"] for member in members}


async def here(browser: Browser) -> str:
    return str((await browser.get("/api/v1/organizations/current")).json()["id"])


async def test_members_see_each_other_and_only_managers_see_addresses(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob, cat = await join(studio, ann, "bob", "viewer"), await join(studio, ann, "cat", "admin")
    assert list(await roles_of(bob)) == ["Ann", "Cat", "Bob"]
    seen = {each["name"]: each["email"] for each in (await bob.get("/api/v1/members")).json()["items"]}
    assert seen == {"Ann": None, "Cat": None, "Bob": "bob@example.com"}
    seen = {each["name"]: each["email"] for each in (await cat.get("/api/v1/members")).json()["items"]}
    assert seen["Ann"] == "ann@example.com"


@pytest.mark.parametrize(
    ("caller", "target", "role", "status"),
    [
        (Role.OWNER, Role.MEMBER, "owner", 200),
        (Role.OWNER, Role.ADMIN, "viewer", 200),
        (Role.ADMIN, Role.MEMBER, "viewer", 200),
        (Role.ADMIN, Role.VIEWER, "member", 200),
        (Role.ADMIN, Role.MEMBER, "admin", 403),
        (Role.ADMIN, Role.MEMBER, "owner", 403),
        (Role.ADMIN, Role.ADMIN, "member", 403),
        (Role.ADMIN, Role.OWNER, "member", 403),
        (Role.MEMBER, Role.VIEWER, "member", 403),
    ],
)
async def test_nobody_reaches_above_their_own_role(
    studio: Studio, caller: Role, target: Role, role: str, status: int
) -> None:
    owner = await make_organization(studio, "Own")
    acting = owner if caller is Role.OWNER else await make_member(studio, owner.organization_id, caller)
    other = await make_member(studio, owner.organization_id, target)
    http, headers = await studio.http(), await bearer_of(studio, acting)
    path = f"/api/v1/members/{other.user_id}"
    answer = await http.patch(path, json={"role": role}, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 403:
        removed = await http.delete(path, headers=headers)
        assert removed.status_code == (204 if role in {"admin", "owner"} and target is Role.MEMBER else 403)


async def test_a_change_of_role_is_told_with_before_and_after(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    answer = await ann.request("PATCH", f"/api/v1/members/{bob.user['id']}", json={"role": "viewer"})
    assert answer.json()["role"] == "viewer"
    event = (await ann.get("/api/v1/audit")).json()["items"][0]
    assert (event["action"], event["target"]) == ("member.role_changed", f"user:{bob.user['id']}")
    assert (event["before"], event["after"]) == ({"role": "member"}, {"role": "viewer"})
    studio.services.sessions._live.clear()
    refused = await bob.post("/api/v1/generate", json={"prompt": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")


async def test_a_removed_member_is_out_at_once_with_sessions_and_keys(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    made = await bob.generate("a heart", visibility="organization")
    await studio.drain()
    key = (await bob.post("/api/v1/keys", json={"name": "program", "scopes": ["jobs:read"]})).json()["key"]
    assert (await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}")).status_code == 204
    assert (await ann.request("DELETE", f"/api/v1/members/{bob.user['id']}")).status_code == 404

    assert (await bob.get("/api/v1/images")).status_code == 401
    assert (await bob.http.post("/api/v1/auth/refresh")).status_code == 401
    http = await studio.http()
    assert (await http.get("/api/v1/jobs", headers={"Authorization": f"Bearer {key}"})).status_code == 401
    again = await http.post("/api/v1/auth/login", json={"email": "bob@example.com", "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (403, "no_organization")
    # What was shared stays.
    assert (await ann.status(made["job_id"]))["status"] == "COMPLETED"
    event = (await ann.get("/api/v1/audit?action=member.removed")).json()["items"][0]
    assert (event["before"], event["after"]) == ({"role": "member"}, {"sessions_ended": 1, "keys_revoked": 1})


async def test_leaving_goes_on_in_another_organisation_or_ends_the_session(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob", "owner")
    home = await here(bob)
    second = (await bob.post("/api/v1/organizations", json={"name": "Second"})).json()["id"]
    not_here = await bob.post(f"/api/v1/organizations/{second}/leave")
    assert (not_here.status_code, not_here.json()["code"]) == (404, "organization_not_found")

    assert (await bob.post(f"/api/v1/organizations/{home}/leave")).status_code == 204
    assert await here(bob) == second
    assert await roles_of(ann) == {"Ann": "owner"}
    told = (await ann.get("/api/v1/audit")).json()["items"]
    assert [event["action"] for event in told[:2]] == ["member.left", "session.ended"]

    cat = await join(studio, ann, "cat")
    assert (await cat.post(f"/api/v1/organizations/{home}/leave")).status_code == 204
    assert "easel_access" not in cat.http.cookies
    assert (await ann.get("/api/v1/members")).status_code == 200


async def test_the_last_owner_can_neither_leave_nor_step_down(studio: Studio) -> None:
    ann = await studio.register("ann")
    await join(studio, ann, "bob", "admin")
    for answer in (
        await ann.post(f"/api/v1/organizations/{await here(ann)}/leave"),
        await ann.request("PATCH", f"/api/v1/members/{ann.user['id']}", json={"role": "member"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    answer = await ann.request("DELETE", f"/api/v1/members/{ann.user['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "leave_instead")


async def test_of_two_owners_who_leave_at_once_one_stays(studio: Studio) -> None:
    ann = await studio.register("ann")
    for number in range(4):
        owners = [ann, await join(studio, ann, f"bob{number}", "owner")]
        ids = [await here(owner) for owner in owners]
        assert ids[0] == ids[1]
        answers = await asyncio.gather(*(owner.post(f"/api/v1/organizations/{ids[0]}/leave") for owner in owners))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        ann = owners[0] if answers[0].status_code == 409 else owners[1]
        assert list((await roles_of(ann)).values()) == ["owner"]


async def test_a_manager_signs_a_member_out_everywhere_and_nobody_above_themselves(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob, cat = await join(studio, ann, "bob", "admin"), await join(studio, ann, "cat")
    assert (await bob.post(f"/api/v1/members/{cat.user['id']}/sign-out")).status_code == 204
    assert (await cat.get("/api/v1/images")).status_code == 401
    assert (await cat.http.post("/api/v1/auth/refresh")).status_code == 401
    refused = await bob.post(f"/api/v1/members/{ann.user['id']}/sign-out")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_high")
    assert (await ann.get("/api/v1/images")).status_code == 200
    assert set(await roles_of(ann)) == {"Ann", "Bob", "Cat"}, "they still belong"
    event = (await ann.get("/api/v1/audit?action=sessions.ended")).json()["items"][0]
    assert (event["actor_name"], event["after"]) == ("Bob", {"sessions": 1, "because": "ended_by_manager"})
