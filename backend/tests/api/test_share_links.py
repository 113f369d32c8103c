"""Links by which anybody may look: what they show, what they don't, and how they end."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.enums import Role
from app.core.ids import new_id
from app.engine.imaging import read_parameters
from tests.api.test_gallery import fill
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Browser, Studio

LINKS = "/api/v1/share-links"


async def share(browser: Browser, **body: Any) -> dict[str, Any]:
    answer = await browser.post(LINKS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_link_shows_the_picture_and_nothing_about_it(studio: Studio) -> None:
    ann = await studio.register("ann")
    (image_id,) = await fill(studio, ann, ["a secret plan"])
    image = (await ann.get(f"/api/v1/images/{image_id}")).json()
    link = await share(ann, image_id=image_id)
    assert link["url"] == f"http://127.0.0.1:3000/share/{link['token']}"

    anybody = await studio.http()
    page = await anybody.get(f"/api/v1/shared/{link['token']}")
    (shown,) = page.json()["items"]
    assert shown.keys() == {"ref", "width", "height", "placeholder", "thumbnail_url", "url"}
    assert (page.json()["title"], page.json()["next_cursor"]) == (None, None)
    organization = (await ann.get("/api/v1/users/me")).json()["organization"]["id"]
    secrets = [image_id, image["job_id"], organization, "secret", "ann", str(image["seed"])]
    assert not [each for each in secrets if each in page.text.lower()]

    file, thumbnail = await anybody.get(shown["url"]), await anybody.get(shown["thumbnail_url"])
    assert (file.headers["content-type"], thumbnail.headers["content-type"]) == ("image/png", "image/webp")
    original = (await ann.http.get(image["url"])).content
    assert "secret plan" in (read_parameters(original) or "")
    assert read_parameters(file.content) is None
    assert b"secret" not in file.content
    assert pixels(file.content) == pixels(original)


async def test_a_collection_is_shown_as_arranged_and_only_with_its_makers_own(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
    http = await studio.http()
    own, theirs = await bearer_of(studio, owner), await bearer_of(studio, colleague)
    for headers, prompt in ((own, "mine"), (own, "mine too"), (theirs, "a colleague's")):
        body = {"prompt": prompt, "visibility": "organization"}
        await http.post("/api/v1/generate", json=body, headers=headers)
        await studio.drain()
    params = {"visibility": "organization", "sort": "oldest"}
    ids = [image["id"] for image in (await http.get("/api/v1/images", params=params, headers=own)).json()["items"]]
    body = {"name": "All", "image_ids": ids}
    collection = (await http.post("/api/v1/collections", json=body, headers=own)).json()
    link = (await http.post(LINKS, json={"collection_id": collection["id"]}, headers=own)).json()

    address = f"/api/v1/shared/{link['token']}"
    first = (await http.get(address, params={"limit": 1})).json()
    second = (await http.get(address, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert (first["title"], len(first["items"]), len(second["items"])) == ("All", 1, 1)
    assert second["next_cursor"] is None, "the colleague's picture is not the owner's to give away"
    refs = {first["items"][0]["ref"], second["items"][0]["ref"]}
    assert len(refs) == 2
    (seen,) = (await http.get(LINKS, headers=own)).json()["items"]
    assert seen["views"] == 1, "a page further on is the same view"

    other = (await http.post(LINKS, json={"image_id": ids[0]}, headers=own)).json()
    for ref in (*refs, "x", "A" * 22, ids[0]):
        assert (await http.get(f"/api/v1/shared/{other['token']}/images/{ref}")).status_code == 404, "another link's"


async def test_a_link_is_stored_hashed_listed_without_itself_and_dead_once_revoked(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    ann = await studio.register("ann")
    (image_id,) = await fill(studio, ann, ["a heart"])
    link = await share(ann, image_id=image_id, expires_in_hours=1)
    async with owner_engine.connect() as connection:
        stored = str((await connection.execute(text("SELECT * FROM share_links"))).mappings().all())
    assert link["token"] not in stored
    listed = await ann.get(LINKS)
    assert [each["id"] for each in listed.json()["items"]] == [link["id"]]
    assert link["token"] not in listed.text

    address = f"/api/v1/shared/{link['token']}"
    (shown,) = (await ann.http.get(address)).json()["items"]
    assert (await ann.request("DELETE", f"{LINKS}/{link['id']}")).status_code == 204
    for path in (address, shown["url"], shown["thumbnail_url"]):
        answer = await ann.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "share_not_found")
    assert (await ann.get(LINKS)).json()["items"] == []
    assert (await ann.request("DELETE", f"{LINKS}/{link['id']}")).status_code == 404
    told = (await ann.get("/api/v1/audit")).json()["items"]
    assert [(each["action"], each["target"]) for each in told[:2]] == [
        ("share.revoked", f"share:{link['id']}"),
        ("share.created", f"share:{link['id']}"),
    ]
    assert link["token"] not in str(told)


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE share_links SET expires_at = now() - interval '1 second'",
        "UPDATE images SET deleted_at = now()",
        "UPDATE users SET disabled_at = now()",
        "DELETE FROM memberships",
    ],
)
async def test_a_link_ends_by_itself_with_what_it_rests_on(studio: Studio, owner_engine: AsyncEngine, end: str) -> None:
    ann = await studio.register("ann")
    (image_id,) = await fill(studio, ann, ["a heart"])
    link = await share(ann, image_id=image_id)
    anybody = await studio.http()
    (shown,) = (await anybody.get(f"/api/v1/shared/{link['token']}")).json()["items"]
    async with owner_engine.begin() as connection:
        await connection.execute(text(end))
    assert (await anybody.get(shown["url"])).status_code == 404
    page = await anybody.get(f"/api/v1/shared/{link['token']}")
    assert page.status_code == 404 or page.json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"image_id": str(new_id()), "collection_id": str(new_id())}, {"image_id": "x"}, {"expires_in_hours": 0}],
)
async def test_a_link_to_nothing_or_to_two_things_is_refused(studio: Studio, body: dict[str, Any]) -> None:
    ann = await studio.register("ann")
    assert (await ann.post(LINKS, json=body)).status_code == 422


async def test_only_what_is_ones_own_can_be_shared_and_managers_may_end_any_link(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    maker, colleague = [await make_member(studio, owner.organization_id, Role.MEMBER) for _ in range(2)]
    http = await studio.http()
    own, mine, theirs, foreign = [await bearer_of(studio, each) for each in (owner, maker, colleague, stranger)]
    body = {"prompt": "a heart", "visibility": "organization"}
    await http.post("/api/v1/generate", json=body, headers=mine)
    await studio.drain()
    image_id = (await http.get("/api/v1/images", headers=mine)).json()["items"][0]["id"]
    for headers in (own, theirs, foreign):
        answer = await http.post(LINKS, json={"image_id": image_id}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "image_not_found")
    link = (await http.post(LINKS, json={"image_id": image_id}, headers=mine)).json()
    for headers in (theirs, foreign):
        assert (await http.delete(f"{LINKS}/{link['id']}", headers=headers)).status_code == 404
        assert (await http.get(LINKS, headers=headers)).json()["items"] == []
    assert (await http.get(LINKS, params={"everyones": True}, headers=theirs)).status_code == 403
    everyones = await http.get(LINKS, params={"everyones": True}, headers=own)
    assert [each["user_name"] for each in everyones.json()["items"]] == ["member"]
    assert (await http.delete(f"{LINKS}/{link['id']}", headers=own)).status_code == 204


def pixels(png: bytes) -> bytes:
    return Image.open(io.BytesIO(png)).convert("RGB").tobytes()
