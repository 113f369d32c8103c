"""How many requests a caller may make in a minute."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from app.core.enums import Role
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


@pytest.mark.parametrize("redis", ["there", "away"])
async def test_a_user_gets_so_many_requests_and_is_told_how_many_are_left(
    open_studio_with: OpenStudio, redis: str
) -> None:
    changes = {} if redis == "there" else {"redis_url": "redis://127.0.0.1:1"}
    async with open_studio_with(requests_per_minute=20, **changes) as studio:
        owner = await make_organization(studio, "Own")
        colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
        http, headers = await studio.http(), await bearer_of(studio, owner)
        first = await http.get("/api/v1/users/me", headers=headers)
        assert first.headers["RateLimit-Policy"].startswith('"user";q=20;w=60')
        assert re.match(r'"user";r=19;t=\d+, "organization";r=\d+;t=\d+$', first.headers["RateLimit"])
        answers = await asyncio.gather(*(http.get("/api/v1/users/me", headers=headers) for _ in range(60)))
        counted = Counter(answer.status_code for answer in answers)
        assert 19 <= counted[200] <= 25  # the bucket is filled while it is emptied
        assert counted[200] + counted[429] == 60
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["code"] == "rate_limited"
        assert int(refused.headers["Retry-After"]) >= 1
        assert '"user";r=0' in refused.headers["RateLimit"]
        # It was this person's flood, nobody else's.
        assert (await http.get("/api/v1/users/me", headers=await bearer_of(studio, colleague))).status_code == 200


async def test_an_organisation_has_a_bucket_of_its_own(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(organization_requests_per_minute=6) as studio:
        owner, other = await make_organization(studio, "Own"), await make_organization(studio, "Other")
        colleague = await make_member(studio, owner.organization_id, Role.MEMBER)
        http = await studio.http()
        people = [await bearer_of(studio, owner), await bearer_of(studio, colleague)]
        codes = [(await http.get("/api/v1/users/me", headers=people[turn % 2])).status_code for turn in range(12)]
        assert codes[:6] == [200] * 6
        assert codes[-1] == 429
        assert (await http.get("/api/v1/users/me", headers=await bearer_of(studio, other))).status_code == 200


async def test_strangers_are_counted_by_address_and_health_checks_are_not(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(address_requests_per_minute=5) as studio:
        http = await studio.http()
        codes = [(await http.post("/api/v1/auth/refresh")).status_code for _ in range(12)]
        assert codes[:5] == [401] * 5
        assert codes[-1] == 429
        assert [(await http.get("/healthz")).status_code for _ in range(20)] == [200] * 20
