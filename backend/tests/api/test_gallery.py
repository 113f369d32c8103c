"""The gallery: pages, search, filters, changes, deletion that can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.enums import Role
from app.core.ids import new_id
from app.services.trash import TrashService
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Browser, Studio


async def fill(studio: Studio, browser: Browser, prompts: list[str]) -> list[str]:
    for prompt in prompts:  # one after the other: those of one batch may be stored in any order
        await browser.generate(prompt)
        await studio.drain()
    items = (await browser.get("/api/v1/images", params={"limit": 100})).json()["items"]
    return [item["id"] for item in items]


async def prompts_of(browser: Browser, **params: object) -> list[str]:
    answer = await browser.get("/api/v1/images", params=params)
    assert answer.status_code == 200, answer.text
    return [item["prompt"] for item in answer.json()["items"]]


async def test_pages_by_cursor_miss_nothing_and_repeat_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, [f"picture {number}" for number in range(7)])
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await ann.get("/api/v1/images", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids
    assert len(set(seen)) == 7


async def test_filters_narrow(studio: Studio) -> None:
    ann = await studio.register("ann")
    for seed, prompt in enumerate(["100% cotton", "a Red rocket"], 1):
        await ann.generate(prompt, seed=seed)
        await studio.drain()  # each on its own: which job of a batch is stored first is nobody's promise
    newest = (await ann.get("/api/v1/images")).json()["items"][0]
    await ann.request("PATCH", f"/api/v1/images/{newest['id']}", json={"favorite": True, "tags": ["space", "space"]})

    assert await prompts_of(ann, q="red ROCK") == ["a Red rocket"]
    assert await prompts_of(ann, q="%") == ["100% cotton"]
    assert await prompts_of(ann, favorite=True) == ["a Red rocket"]
    assert await prompts_of(ann, favorite=False) == ["100% cotton"]
    assert await prompts_of(ann, tag="space") == ["a Red rocket"]
    assert await prompts_of(ann, model="plain", before=newest["created_at"]) == ["100% cotton"]
    assert await prompts_of(ann, model="other") == []
    assert await prompts_of(ann, visibility="organization") == []


async def test_an_image_is_changed_and_deleted_with_its_files(studio: Studio) -> None:
    ann = await studio.register("ann")
    (image_id,) = await fill(studio, ann, ["a heart"])
    path = f"/api/v1/images/{image_id}"
    changed = (await ann.request("PATCH", path, json={"visibility": "organization", "tags": ["a", "b"]})).json()
    assert (changed["visibility"], changed["tags"], changed["favorite"]) == ("organization", ["a", "b"], False)
    for bad in ({"tags": [" padded"]}, {"tags": ["x"] * 51}, {"prompt": "other"}):
        assert (await ann.request("PATCH", path, json=bad)).status_code == 422

    url = changed["url"]
    assert (await ann.http.get(url)).status_code == 200
    assert (await ann.request("DELETE", path)).status_code == 204
    assert (await ann.get(path)).status_code == 404
    assert await prompts_of(ann) == await prompts_of(ann, visibility="organization") == []
    assert (await ann.status(changed["job_id"]))["images"] == []
    assert (await ann.request("DELETE", path)).status_code == 404
    assert await trash(studio, keep_seconds=0).empty() == 1
    assert (await ann.http.get(url)).status_code == 404
    assert (await ann.post(f"{path}/restore")).status_code == 404


async def test_a_deletion_is_undone_as_long_as_the_trash_is_not_emptied(studio: Studio) -> None:
    ann = await studio.register("ann")
    (image_id,) = await fill(studio, ann, ["a heart"])
    path = f"/api/v1/images/{image_id}"
    before = (await ann.get(path)).json()
    await ann.request("DELETE", path)
    assert await trash(studio, keep_seconds=3600).empty() == 0
    restored = await ann.post(f"{path}/restore")
    assert (restored.status_code, restored.json()) == (200, before)
    assert (await ann.post(f"{path}/restore")).status_code == 200, "restoring what is there changes nothing"
    assert await trash(studio, keep_seconds=0).empty() == 0
    assert (await ann.http.get(before["url"])).status_code == 200


async def test_many_are_changed_deleted_and_restored_at_once(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, ["one", "two", "three"])
    unknown = str(new_id())

    async def bulk(**body: object) -> dict[str, list[str]]:
        answer = await ann.post("/api/v1/images/bulk", json={"image_ids": [*ids[:2], unknown], **body})
        assert answer.status_code == 200, answer.text
        assert (sorted(answer.json()["changed"]), answer.json()["missing"]) == (sorted(ids[:2]), [unknown])
        return dict(answer.json())

    await bulk(favorite=True, add_tags=["b", "a"], visibility="organization")
    await bulk(add_tags=["a", "c"], remove_tags=["b"])
    items = (await ann.get("/api/v1/images")).json()["items"]
    assert [(item["favorite"], item["tags"]) for item in items] == [(True, ["a", "c"])] * 2 + [(False, [])]
    assert (await ann.get("/api/v1/tags")).json()["items"] == [{"tag": "a", "count": 2}, {"tag": "c", "count": 2}]
    await bulk(deleted=True)
    assert await prompts_of(ann) == ["one"]
    assert (await ann.get("/api/v1/tags")).json()["items"] == []
    await bulk(deleted=False)
    assert len(await prompts_of(ann, tag="a", visibility="organization")) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"image_ids": []},
        {"image_ids": [str(new_id())]},
        {"image_ids": [str(new_id())] * 1001, "favorite": True},
        {"image_ids": ["x"], "favorite": True},
        {"image_ids": [str(new_id())], "add_tags": [" padded"]},
    ],
)
async def test_a_bulk_change_that_says_nothing_or_too_much_is_refused(studio: Studio, body: dict[str, object]) -> None:
    ann = await studio.register("ann")
    assert (await ann.post("/api/v1/images/bulk", json=body)).status_code == 422


async def test_more_tags_than_an_image_has_room_for_change_none_of_them(studio: Studio) -> None:
    ann = await studio.register("ann")
    ids = await fill(studio, ann, ["one", "two"])
    await ann.request("PATCH", f"/api/v1/images/{ids[0]}", json={"tags": [f"t{number}" for number in range(50)]})
    answer = await ann.post("/api/v1/images/bulk", json={"image_ids": ids, "add_tags": ["more"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many_tags")
    assert (await ann.get(f"/api/v1/images/{ids[1]}")).json()["tags"] == []


async def test_what_belongs_to_others_is_neither_changed_in_bulk_nor_counted(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
    http, headers = await studio.http(), await bearer_of(studio, owner)
    await http.post("/api/v1/generate", json={"prompt": "a secret", "visibility": "organization"}, headers=headers)
    await studio.drain()
    image = (await http.get("/api/v1/images", headers=headers)).json()["items"][0]
    await http.patch(f"/api/v1/images/{image['id']}", json={"tags": ["mine"]}, headers=headers)
    for other in (stranger, colleague):
        theirs = await bearer_of(studio, other)
        body = {"image_ids": [image["id"]], "deleted": True, "add_tags": ["stolen"]}
        answer = (await http.post("/api/v1/images/bulk", json=body, headers=theirs)).json()
        assert (answer["changed"], answer["missing"]) == ([], [image["id"]])
        assert (await http.get("/api/v1/tags", headers=theirs)).json()["items"] == []
        for params in ({"q": "secret"}, {"q": "sekret"}, {"tag": "mine"}, {"q": "e"}):
            assert (await http.get("/api/v1/images", params=params, headers=theirs)).json()["items"] == []
    shared = await http.get(
        "/api/v1/images",
        params={"q": "secret", "visibility": "organization"},
        headers=await bearer_of(studio, colleague),
    )
    assert [(item["id"], item["tags"], item["mine"]) for item in shared.json()["items"]] == [
        (image["id"], ["mine"], False)
    ]


async def test_search_finds_beginnings_all_words_and_what_was_meant(studio: Studio) -> None:
    ann = await studio.register("ann")
    await fill(
        studio, ann, ["A red rocket over Zürich", "a blue heart, well-known", "don't blink: 3d \\ art & 'quotes'"]
    )
    for q, wanted in {
        "ROCK": "A red",
        "rocket red": "A red",
        "zür": "A red",
        "rokcet": "A red",
        "hearrt blu": "a blue",
        "well-kn": "a blue",
        "don't": "don't",
        "'quotes": "don't",
        "& 3d": "don't",
        "\\": "don't",
    }.items():
        assert [prompt[: len(wanted)] for prompt in await prompts_of(ann, q=q)] == [wanted], q
    for q in ("red heart", "submarine", "_", "%%"):
        assert await prompts_of(ann, q=q) == [], q
    assert len(await prompts_of(ann, q="   ")) == 3


async def test_the_order_and_the_times_bound_every_page(studio: Studio) -> None:
    ann = await studio.register("ann")
    for number in range(5):
        await fill(studio, ann, [f"picture {number}"])
    forwards, cursor = [], None
    while True:
        params = {"limit": 2, "sort": "oldest", "q": "pict", **({"cursor": cursor} if cursor else {})}
        page = (await ann.get("/api/v1/images", params=params)).json()
        forwards += [item["prompt"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert forwards == [f"picture {number}" for number in range(5)]
    middle = (await ann.get("/api/v1/images")).json()["items"][2]["created_at"]
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert await prompts_of(ann, after=soon) == []
    assert len(await prompts_of(ann, before=soon)) == 5
    assert "picture 0" in await prompts_of(ann, before=middle, sort="oldest")
    assert "picture 4" in await prompts_of(ann, after=middle)


def trash(studio: Studio, *, keep_seconds: float) -> TrashService:
    return TrashService(studio.parts.units, studio.parts.storage, keep_seconds=keep_seconds)
