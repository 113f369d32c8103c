"""Usage by day and user: everybody's for those who manage, one's own for everybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.enums import Role
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Studio

COST = 64 * 64 * 4 / 1e6


async def test_a_member_sees_their_own_use_and_a_manager_everybodys(studio: Studio) -> None:
    owner, stranger = await make_organization(studio, "Own"), await make_organization(studio, "Other")
    member = await make_member(studio, owner.organization_id, Role.MEMBER)
    http = await studio.http()
    for who, count in ((owner, 1), (member, 2), (stranger, 3)):
        for _ in range(count):
            await http.post("/api/v1/generate", json={"prompt": "x"}, headers=await bearer_of(studio, who))
    await studio.drain()
    waiting = await http.post("/api/v1/generate", json={"prompt": "x"}, headers=await bearer_of(studio, member))
    assert waiting.status_code == 202

    mine = (await http.get("/api/v1/usage", headers=await bearer_of(studio, member))).json()
    assert [(item["user_id"], item["jobs"], item["used"]) for item in mine["items"]] == [
        (str(member.user_id), 2, pytest.approx(COST * 2))
    ]
    assert mine["items"][0]["day"] == datetime.now(UTC).date().isoformat()
    assert mine["mine"]["used"] == pytest.approx(COST * 3)
    assert mine["organization"]["used"] == pytest.approx(COST * 4)
    refused = await http.get("/api/v1/usage?everyones=true", headers=await bearer_of(studio, member))
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")

    all_of_it = (await http.get("/api/v1/usage?everyones=true", headers=await bearer_of(studio, owner))).json()
    assert {(item["user_id"], item["jobs"]) for item in all_of_it["items"]} == {
        (str(owner.user_id), 1),
        (str(member.user_id), 2),
    }


async def test_days_are_utc_and_both_ends_count(studio: Studio, owner_engine: AsyncEngine) -> None:
    owner = await make_organization(studio, "Own")
    http, headers = await studio.http(), await bearer_of(studio, owner)
    for _ in range(3):
        await http.post("/api/v1/generate", json={"prompt": "x"}, headers=headers)
    await studio.drain()
    # The last one was accepted in January and finished in February.
    moments = ["2026-01-30T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-01T00:30:00Z"]
    async with owner_engine.begin() as connection:
        jobs = list(await connection.scalars(text("SELECT id FROM image_jobs ORDER BY id")))
        for job_id, moment in zip(jobs, moments, strict=True):
            await connection.execute(
                text("""
                    UPDATE ledger_entries SET created_at = CAST(:moment AS text)::timestamptz,
                        period_start = '2026-01-01' WHERE job_id = :id
                """),
                {"moment": moment, "id": job_id},
            )
    for first, last, days in (
        ("2026-01-31", "2026-02-01", ["2026-01-31", "2026-02-01"]),
        ("2026-01-30", "2026-01-30", ["2026-01-30"]),
        ("2026-02-01", "2026-02-28", ["2026-02-01"]),
        ("2026-02-02", "2026-02-28", []),
    ):
        answer = await http.get("/api/v1/usage", params={"first": first, "last": last}, headers=headers)
        assert [item["day"] for item in answer.json()["items"]] == days, (first, last)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-02", "2026-02-01"), ("2020-01-01", "2026-01-01"), ("0001-01-01", "0001-01-01")]
)
async def test_a_range_that_makes_no_sense_is_refused_and_an_early_one_is_empty(
    studio: Studio, first: str, last: str
) -> None:
    owner = await make_organization(studio, "Own")
    params, headers = {"first": first, "last": last}, await bearer_of(studio, owner)
    answer = await (await studio.http()).get("/api/v1/usage", params=params, headers=headers)
    if first == last:
        assert answer.json()["items"] == []
    else:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/first")
