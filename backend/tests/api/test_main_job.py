"""The main job over HTTP: ask, follow, see, find again."""

from __future__ import annotations

import io

import httpx
from PIL import Image

from app.engine.png_parameters import parse_parameters
from tests.support.studio import Studio


async def test_a_prompt_becomes_an_image_in_the_gallery(studio: Studio) -> None:
    ann = await studio.register("ann")
    answer = await ann.post("/api/v1/generate", json={"prompt": "  a red rocket ", "seed": 7})

    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == f"/api/v1/status/{job['job_id']}"
    assert (job["status"], job["progress"], job["queue_position"]) == ("QUEUED", 0.0, 1)
    assert job["prompt"] == "a red rocket"
    assert job["params"] == {
        "model": "plain",
        "width": 64,
        "height": 64,
        "steps": 4,
        "guidance": 3.0,
        "seed": 7,
        "num_images": 1,
    }
    assert job["cost"] == 64 * 64 * 4 / 1e6
    assert studio.wake_ups.woken == ["plain"]

    assert await studio.drain() == 1

    done = await ann.status(job["job_id"])
    assert (done["status"], done["progress"], done["attempt"]) == ("COMPLETED", 1.0, 1)
    assert done["queue_position"] is None
    assert done["error"] is None
    assert done["image_url"] == done["images"][0]["url"]
    assert done["finished_at"] >= done["started_at"] >= done["created_at"]

    gallery = (await ann.get("/api/v1/images")).json()
    assert [image["id"] for image in gallery["items"]] == [done["images"][0]["id"]]
    assert gallery["next_cursor"] is None
    assert gallery["items"][0]["mine"] is True


async def test_the_file_is_a_png_that_carries_its_parameters(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate("a blue heart, “glossy”", seed=7, negative_prompt="mush", num_images=2)
    await studio.drain()
    images = (await ann.status(job["job_id"]))["images"]

    async with httpx.AsyncClient() as nobody:  # the URL is its own permission
        file = await nobody.get(studio.url + images[1]["url"])
        thumbnail = await nobody.get(studio.url + images[1]["thumbnail_url"])
    assert file.headers["Content-Type"] == "image/png"
    assert "immutable" in file.headers["Cache-Control"]
    assert "etag" in file.headers
    picture = Image.open(io.BytesIO(file.content))
    assert picture.size == (64, 64)
    assert picture.getpixel((5, 5)) == (8, 0, 90)  # the second image has the next seed
    parameters = parse_parameters(picture.text["parameters"])
    assert parameters.prompt == "a blue heart, “glossy”"
    assert parameters.negative_prompt == "mush"
    assert (parameters.seed, parameters.steps, parameters.model, parameters.sampler) == (8, 4, "plain", "DDIM")
    assert Image.open(io.BytesIO(thumbnail.content)).format == "WEBP"
    assert images[1]["placeholder"]


async def test_a_range_of_a_file_is_served_and_a_tampered_url_is_not(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await studio.drain()
    url = (await ann.status(job["job_id"]))["image_url"]

    part = await ann.http.get(url, headers={"Range": "bytes=0-7"})
    assert part.status_code == 206
    assert part.content == b"\x89PNG\r\n\x1a\n"

    tampered = await ann.http.get(url.replace("0.png", "1.png"))
    assert tampered.status_code == 403
    assert tampered.headers["Content-Type"] == "application/problem+json"


async def test_the_file_link_redirects_and_names_the_download(studio: Studio) -> None:
    ann = await studio.register("ann")
    await ann.generate("a red/../rocket", seed=3)
    await studio.drain()
    image = (await ann.get("/api/v1/images")).json()["items"][0]

    redirect = await ann.get(f"/api/v1/images/{image['id']}/file", params={"download": True})
    assert redirect.status_code == 307
    file = await ann.http.get(redirect.headers["Location"])
    assert 'filename="a-red-rocket-3.png"' in file.headers["Content-Disposition"]


async def test_without_a_seed_the_answer_tells_the_one_that_was_drawn(studio: Studio) -> None:
    ann = await studio.register("ann")
    first, second = await ann.generate(), await ann.generate()
    assert first["params"]["seed"] != second["params"]["seed"]
    assert second["queue_position"] == 2


async def test_jobs_are_listed_newest_first_in_pages(studio: Studio) -> None:
    ann = await studio.register("ann")
    made = [(await ann.generate(f"number {number}"))["job_id"] for number in range(5)]

    first = (await ann.get("/api/v1/jobs", params={"limit": 3})).json()
    second = (await ann.get("/api/v1/jobs", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [job["job_id"] for job in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None

    await studio.drain()
    queued = (await ann.get("/api/v1/jobs", params={"status": "QUEUED"})).json()
    assert queued["items"] == []


async def test_the_models_say_their_limits(studio: Studio) -> None:
    ann = await studio.register("ann")
    (model,) = (await ann.get("/api/v1/models")).json()["items"]
    assert model["default"] is True
    assert model["defaults"] == {"width": 64, "height": 64, "steps": 4, "guidance": 3.0}
    assert model["limits"]["max_images"] == 4
    assert model["limits"]["max_prompt_chars"] == 2000


async def test_the_seed_of_a_batch_wraps_around(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate(seed=2**32 - 1, num_images=2)
    await studio.drain()
    assert [image["seed"] for image in (await ann.status(job["job_id"]))["images"]] == [2**32 - 1, 0]
