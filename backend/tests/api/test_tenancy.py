"""What belongs to another organisation does not exist."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from app.core.ids import new_id
from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

ROUTES = [
    ("GET", "/api/v1/status/{job}", None),
    ("POST", "/api/v1/jobs/{job}/cancel", None),
    ("POST", "/api/v1/jobs/{job}/retry", None),
    ("GET", "/api/v1/images/{image}", None),
    ("PATCH", "/api/v1/images/{image}", {"favorite": True}),
    ("DELETE", "/api/v1/images/{image}", None),
    ("GET", "/api/v1/images/{image}/file", None),
    ("POST", "/api/v1/images/{image}/restore", None),
]


@pytest.mark.parametrize("visibility", ["private", "organization"])
async def test_foreign_ids_answer_404_like_ids_that_do_not_exist(open_studio_with: OpenStudio, visibility: str) -> None:
    async with open_studio_with(registration="open") as studio:
        ann, eve = await studio.register("ann"), await studio.register("eve")
        job = await ann.generate(visibility=visibility)
        await studio.drain()
        image = (await ann.status(job["job_id"]))["images"][0]["id"]

        for method, path, body in ROUTES:
            foreign = await eve.request(method, path.format(job=job["job_id"], image=image), json=body)
            nothing = await eve.request(method, path.format(job=new_id(), image=new_id()), json=body)
            assert foreign.status_code == 404, (method, path)
            assert foreign.json()["code"] == nothing.json()["code"]
            assert foreign.json()["detail"] == nothing.json()["detail"]
        assert (await eve.get("/api/v1/jobs")).json()["items"] == []
        for params in ({}, {"visibility": "organization"}):
            assert (await eve.get("/api/v1/images", params=params)).json()["items"] == []
        assert (await ann.get(f"/api/v1/images/{image}")).status_code == 200


async def test_nobody_sees_anything(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate()
    await studio.drain()
    image = (await ann.status(job["job_id"]))["images"][0]["id"]
    nobody = await studio.http()
    listings = [("GET", path, None) for path in ("/api/v1/jobs", "/api/v1/images", "/api/v1/models", "/api/v1/events")]
    for method, path, body in [*ROUTES, *listings, ("POST", "/api/v1/generate", {"prompt": "x"})]:
        answer = await nobody.request(method, path.format(job=job["job_id"], image=image), json=body)
        assert answer.status_code == 401, (method, path)
