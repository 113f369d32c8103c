"""Collections: filled, arranged, shared within the organisation, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.enums import Role
from app.core.ids import new_id
from tests.api.test_gallery import fill, prompts_of
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Browser, Studio

COLLECTIONS = "/api/v1/collections"


async def make(browser: Browser, name: str = "Rockets", **body: Any) -> dict[str, Any]:
    answer = await browser.post(COLLECTIONS, json={"name": name, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_collection_is_made_filled_and_seen_with_its_cover(studio: Studio) -> None:
    ann = await studio.register("ann")
    three, two, one = await fill(studio, ann, ["one", "two", "three"])
    collection = await make(ann, image_ids=[two, one])
    assert (collection["image_count"], collection["cover"]["image_id"], collection["mine"]) == (2, two, True)
    assert (await ann.http.get(collection["cover"]["thumbnail_url"])).status_code == 200

    path = f"{COLLECTIONS}/{collection['id']}"
    body = {"add": [three, two, str(new_id())], "remove": [one]}
    changed = (await ann.post(f"{path}/images", json=body)).json()
    assert (changed["added"], changed["removed"]) == ([three], [one])
    assert await prompts_of(ann, collection=collection["id"], sort="arranged") == ["two", "three"]

    renamed = await ann.request("PATCH", path, json={"name": "Ships", "cover_image_id": three})
    assert (renamed.json()["name"], renamed.json()["cover"]["image_id"]) == ("Ships", three)
    await ann.request("DELETE", f"/api/v1/images/{three}")
    after = (await ann.get(path)).json()
    assert (after["image_count"], after["cover"]["image_id"]) == (1, two), "a deleted image counts for nothing"
    await ann.post(f"/api/v1/images/{three}/restore")
    assert (await ann.get(path)).json()["image_count"] == 2, "and is in its collections again when it is restored"

    assert (await ann.request("DELETE", path)).status_code == 204
    assert (await ann.get(path)).status_code == 404
    assert len(await prompts_of(ann)) == 3, "its images stay"


async def test_images_are_arranged_and_paged_in_that_order(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = (await fill(studio, ann, [str(number) for number in range(5)]))[::-1]
    collection = await make(ann, image_ids=ids)
    path = f"{COLLECTIONS}/{collection['id']}/order"

    async def order() -> str:
        seen, cursor = "", None
        while True:
            params = {"collection": collection["id"], "sort": "arranged", "limit": 2}
            page = (await ann.get("/api/v1/images", params={**params, **({"cursor": cursor} if cursor else {})})).json()
            seen += "".join(item["prompt"] for item in page["items"])
            if (cursor := page["next_cursor"]) is None:
                return seen

    assert await order() == "01234"
    for moved, before, wanted in (([4, 2], 0, "42013"), ([4], None, "20134"), ([0, 1], 3, "20134"), ([3], 2, "32014")):
        body = {"image_ids": [ids[each] for each in moved], "before": None if before is None else ids[before]}
        assert (await ann.post(path, json=body)).status_code == 200
        assert await order() == wanted
    assert await prompts_of(ann, collection=collection["id"], q="3") == ["3"]
    assert await prompts_of(ann, collection=collection["id"], sort="oldest") == list("01234")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/order", {"image_ids": [str(new_id())], "before": str(new_id())}, "not_in_collection"),
        ("PATCH", "", {"cover_image_id": str(new_id())}, "not_in_collection"),
        ("PATCH", "", {"name": " padded "}, "string_pattern_mismatch"),
        ("POST", "/images", {}, "value_error"),
    ],
)
async def test_what_can_not_be_done_is_said(
    studio: Studio, method: str, path: str, body: dict[str, Any], code: str
) -> None:
    ann = await studio.register("ann")
    collection = await make(ann)
    answer = await ann.request(method, f"{COLLECTIONS}/{collection['id']}{path}", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    answer = await ann.get("/api/v1/images", params={"sort": "arranged"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "no_collection")


async def test_colleagues_see_of_a_shared_collection_what_is_shared_and_change_nothing(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
    http = await studio.http()
    own, theirs, foreign = [await bearer_of(studio, each) for each in (owner, colleague, stranger)]
    for visibility in ("private", "organization"):
        body = {"prompt": visibility, "visibility": visibility}
        await http.post("/api/v1/generate", json=body, headers=own)
    await studio.drain()
    ids = [image["id"] for image in (await http.get("/api/v1/images", headers=own)).json()["items"]]
    body = {"name": "Both", "image_ids": ids}
    collection = (await http.post(COLLECTIONS, json=body, headers=own)).json()
    path = f"{COLLECTIONS}/{collection['id']}"
    wanted = {"collection": collection["id"]}

    for headers in (theirs, foreign):
        assert (await http.get(path, headers=headers)).status_code == 404
        assert (await http.get(COLLECTIONS, headers=headers)).json()["items"] == []
        assert (await http.get("/api/v1/images", params=wanted, headers=headers)).json()["items"] == []
    await http.patch(path, json={"visibility": "organization"}, headers=own)
    seen = (await http.get(path, headers=theirs)).json()
    assert (seen["image_count"], seen["mine"]) == (1, False)
    images = (await http.get("/api/v1/images", params=wanted, headers=theirs)).json()["items"]
    assert [image["prompt"] for image in images] == ["organization"]
    assert len((await http.get("/api/v1/images", params=wanted, headers=own)).json()["items"]) == 2
    assert (await http.get(path, headers=foreign)).status_code == 404
    assert (await http.get("/api/v1/images", params=wanted, headers=foreign)).json()["items"] == []
    for method, tail, change in (("PATCH", "", {"name": "Mine"}), ("POST", "/images", {"remove": ids})):
        assert (await http.request(method, path + tail, json=change, headers=theirs)).status_code == 404

    # What a stranger puts into a collection of their own is only what they may see: nothing of this organisation.
    body = {"name": "Stolen", "image_ids": ids}
    assert (await http.post(COLLECTIONS, json=body, headers=foreign)).json()["image_count"] == 0
    assert (await http.post(COLLECTIONS, json=body, headers=theirs)).json()["image_count"] == 1
