"""Several organisations for one person: founding, switching, renaming, handing on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from app.core.enums import Role
from app.core.ids import new_id
from app.services.organizations import MAX_OWNED
from tests.support.people import bearer_of, join, make_member, make_organization
from tests.support.studio import PASSWORD, Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def found(browser: Browser, name: str) -> dict[str, Any]:
    answer = await browser.post("/api/v1/organizations", json={"name": name})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def switch(browser: Browser, organization_id: str) -> None:
    answer = await browser.post(f"/api/v1/organizations/{organization_id}/switch")
    assert answer.status_code == 200, answer.text


async def actions(browser: Browser) -> list[str]:
    return [event["action"] for event in (await browser.get("/api/v1/audit")).json()["items"]]


async def test_a_person_founds_a_second_organisation_and_works_in_either(studio: Studio) -> None:
    ann = await studio.register("ann")
    home = (await ann.get("/api/v1/organizations/current")).json()
    job = await ann.generate("a heart")
    second = await found(ann, "  Second  ")
    assert (second["name"], second["role"], second["members"]) == ("Second", "owner", 1)
    assert (await ann.get("/api/v1/organizations/current")).json()["id"] == home["id"]

    await switch(ann, second["id"])
    me = (await ann.get("/api/v1/users/me")).json()
    assert me["organization"] == {"id": second["id"], "name": "Second", "role": "owner"}
    assert [each["name"] for each in me["organizations"]] == [home["name"], "Second"]
    assert (await ann.get("/api/v1/jobs")).json()["items"] == []
    assert (await ann.get(f"/api/v1/status/{job['job_id']}")).status_code == 404
    assert await actions(ann) == ["session.started", "organization.created"]

    await switch(ann, home["id"])
    assert (await ann.get(f"/api/v1/status/{job['job_id']}")).status_code == 200
    assert (await actions(ann))[:2] == ["session.started", "session.ended"]


async def test_what_was_issued_before_a_switch_opens_nothing_more(studio: Studio) -> None:
    ann = await studio.register("ann")
    home = (await ann.get("/api/v1/organizations/current")).json()["id"]
    former = dict(ann.http.cookies)
    second = await found(ann, "Second")
    await switch(ann, second["id"])

    thief = await studio.http()
    bearer = {"Authorization": f"Bearer {former['easel_access']}"}
    answer = await thief.get("/api/v1/images", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    # A tab that refreshes with the former token at the same moment goes on where the session is now.
    tab = await studio.http()
    cookie = {"Cookie": f"easel_refresh={former['easel_refresh']}"}
    assert (await tab.post("/api/v1/auth/refresh", headers=cookie)).status_code == 200
    assert (await tab.get("/api/v1/users/me")).json()["organization"]["id"] == second["id"]
    other = await studio.http()
    elsewhere = {**cookie, "User-Agent": "another browser"}
    assert (await other.post("/api/v1/auth/refresh", headers=elsewhere)).status_code == 401
    assert home != second["id"]


async def test_the_role_of_one_organisation_is_not_carried_into_another(studio: Studio) -> None:
    owner, elsewhere = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    async with studio.parts.units.tenant(elsewhere.organization_id) as unit:
        unit.members.add(owner.user_id, Role.VIEWER)
    http, headers = await studio.http(), await bearer_of(studio, owner)
    assert (await http.get("/api/v1/audit", headers=headers)).status_code == 200
    answer = await http.post(f"/api/v1/organizations/{elsewhere.organization_id}/switch", headers=headers)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    refused = await http.post("/api/v1/generate", json={"prompt": "x"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    assert (await http.get("/api/v1/users/me", headers=headers)).json()["scopes"] == ["images:read", "jobs:read"]


async def test_a_narrowed_token_stays_narrow_after_a_switch(studio: Studio) -> None:
    ann = await studio.register("ann")
    second = await found(ann, "Second")
    form = {"username": "ann@example.com", "password": PASSWORD, "scope": "jobs:read"}
    token = (await ann.http.post("/api/v1/auth/token", data=form)).json()["access_token"]
    http = await studio.http()
    path = f"/api/v1/organizations/{second['id']}/switch"
    switched = (await http.post(path, headers={"Authorization": f"Bearer {token}"})).json()["access_token"]
    me = await http.get("/api/v1/users/me", headers={"Authorization": f"Bearer {switched}"})
    assert (me.json()["organization"]["id"], me.json()["scopes"]) == (second["id"], ["jobs:read"])


async def test_switching_to_a_foreign_organisation_is_like_switching_to_none(studio: Studio) -> None:
    ann = await studio.register("ann")
    foreign = await make_organization(studio, "Other")
    answers = [
        await ann.post(f"/api/v1/organizations/{organization_id}/switch")
        for organization_id in (foreign.organization_id, new_id())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert (await ann.get("/api/v1/users/me")).status_code == 200


async def test_renaming_tells_the_name_before_and_after(studio: Studio) -> None:
    ann = await studio.register("ann")
    answer = await ann.request("PATCH", "/api/v1/organizations/current", json={"name": "Atelier"})
    assert answer.json()["name"] == "Atelier"
    event = (await ann.get("/api/v1/audit")).json()["items"][0]
    assert (event["action"], event["before"], event["after"]) == (
        "organization.renamed",
        {"name": "Studio"},
        {"name": "Atelier"},
    )
    blank = await ann.request("PATCH", "/api/v1/organizations/current", json={"name": "  "})
    assert blank.status_code == 422


async def test_only_owners_found_organisations_unless_registration_is_open(
    studio: Studio, open_studio_with: OpenStudio
) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob", "admin")
    answer = await bob.post("/api/v1/organizations", json={"name": "Mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")
    async with open_studio_with(registration="open") as opened:
        owner = await make_organization(opened, "Open")
        headers = await bearer_of(opened, await make_member(opened, owner.organization_id, Role.VIEWER))
        answer = await (await opened.http()).post("/api/v1/organizations", json={"name": "Mine"}, headers=headers)
        assert answer.status_code == 201


async def test_nobody_owns_organisations_without_end(studio: Studio) -> None:
    ann = await studio.register("ann")
    for number in range(MAX_OWNED - 1):
        await found(ann, f"Number {number}")
    answer = await ann.post("/api/v1/organizations", json={"name": "One too many"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_organizations")


async def test_handing_on_makes_an_owner_and_an_admin_of_the_two(studio: Studio) -> None:
    ann = await studio.register("ann")
    bob = await join(studio, ann, "bob")
    here = (await ann.get("/api/v1/organizations/current")).json()["id"]
    path = f"/api/v1/organizations/{here}/transfer"
    to_self = await ann.post(path, json={"member_id": ann.user["id"]})
    assert (to_self.status_code, to_self.json()["code"]) == (409, "already_owner")
    to_stranger = await ann.post(path, json={"member_id": str(new_id()), "password": PASSWORD})
    assert (to_stranger.status_code, to_stranger.json()["code"]) == (404, "member_not_found")

    unproven = await ann.post(path, json={"member_id": bob.user["id"], "password": "not the right one"})
    assert (unproven.status_code, unproven.json()["errors"][0]["code"]) == (422, "wrong_password")

    handed = {"member_id": bob.user["id"], "password": PASSWORD}
    assert (await ann.post(path, json=handed)).status_code == 204
    studio.services.sessions._live.clear()
    roles = {each["name"]: each["role"] for each in (await bob.get("/api/v1/members")).json()["items"]}
    assert roles == {"Bob": "owner", "Ann": "admin"}
    assert (await ann.post(path, json={"member_id": ann.user["id"]})).status_code == 403
    event = (await bob.get("/api/v1/audit")).json()["items"][0]
    assert (event["action"], event["target"]) == ("organization.transferred", f"user:{bob.user['id']}")
    assert (event["before"], event["after"]) == (
        {"giver": "owner", "heir": "member"},
        {"giver": "admin", "heir": "owner"},
    )
