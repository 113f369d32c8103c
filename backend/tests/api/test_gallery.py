"""The gallery: pages, filters, changes, deletion."""

from __future__ import annotations

from tests.support.studio import Browser, Studio


async def fill(studio: Studio, browser: Browser, prompts: list[str]) -> list[str]:
    for prompt in prompts:
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
    assert (await ann.http.get(url)).status_code == 404
    assert (await ann.request("DELETE", path)).status_code == 404
