"""Limits of cost and of open jobs, for the organisation and for each person: exact, whoever comes at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.enums import Role
from tests.support.people import Member, bearer_of, make_member, make_organization
from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

COST = 64 * 64 * 4 / 1e6
AT_ONCE = 200


async def set_limits(studio: Studio, manager: Member, member: Member | None = None, **limits: float | None) -> None:
    path = "/api/v1/limits" if member is None else f"/api/v1/limits/members/{member.user_id}"
    answer = await (await studio.http()).patch(path, json=limits, headers=await bearer_of(studio, manager))
    assert answer.status_code == 200, answer.text


async def submit(studio: Studio, members: list[Member], count: int) -> list[httpx.Response]:
    """So many requests at once, by turns of these people. Who is told to come back later does: on a slow machine the
    pool of connections is too small for all of them."""
    http, headers = await studio.http(), [await bearer_of(studio, member) for member in members]

    async def post(number: int) -> httpx.Response:
        while True:
            answer = await http.post(
                "/api/v1/generate", json={"prompt": "x"}, headers=headers[number % len(headers)], timeout=300
            )
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(float(answer.headers["Retry-After"]))

    return list(await asyncio.gather(*(post(number) for number in range(count))))


def codes(answers: list[httpx.Response]) -> Counter[str]:
    return Counter(answer.json().get("code", "accepted") for answer in answers)


async def ledger_holds(engine: AsyncEngine) -> None:
    """Both kinds of account say what the ledger's entries sum to."""
    async with engine.begin() as connection:
        wrong = await connection.execute(
            text("""
                WITH sums AS (
                    SELECT organization_id, user_id, period_start,
                        sum(CASE WHEN kind = 'reserve' THEN amount ELSE -amount END) AS reserved,
                        sum(CASE WHEN kind = 'settle' THEN amount ELSE 0 END) AS charged
                    FROM ledger_entries GROUP BY 1, 2, 3
                ), people AS (
                    SELECT 'person' AS kind FROM user_quota_accounts
                    FULL JOIN sums USING (organization_id, user_id, period_start)
                    WHERE (user_quota_accounts.reserved, user_quota_accounts.charged)
                        IS DISTINCT FROM (sums.reserved, sums.charged)
                ), organizations AS (
                    SELECT 'organization' AS kind FROM quota_accounts
                    FULL JOIN (
                        SELECT organization_id, period_start, sum(reserved) AS reserved, sum(charged) AS charged
                        FROM sums GROUP BY 1, 2
                    ) AS whole USING (organization_id, period_start)
                    WHERE (quota_accounts.reserved, quota_accounts.charged)
                        IS DISTINCT FROM (whole.reserved, whole.charged)
                )
                SELECT kind FROM people UNION ALL SELECT kind FROM organizations
            """)
        )
        assert list(wrong) == []


async def test_of_200_submits_at_once_the_organisations_credit_for_70_takes_exactly_70(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    owner = await make_organization(studio, "Own")
    people = [owner, *[await make_member(studio, owner.organization_id, Role.MEMBER) for _ in range(3)]]
    await set_limits(studio, owner, monthly=COST * 70)
    answers = await submit(studio, people, AT_ONCE)
    assert codes(answers) == {"accepted": 70, "quota_exceeded": AT_ONCE - 70}
    refused = next(answer for answer in answers if answer.status_code == 402).json()
    figures = refused["quota"]
    assert (figures["of"], figures["limit"], figures["requested"]) == ("organization", COST * 70, COST)
    assert figures["used"] == pytest.approx(COST * 70)
    await ledger_holds(owner_engine)
    assert await studio.drain() == 70
    await ledger_holds(owner_engine)


async def test_of_200_submits_at_once_each_person_gets_exactly_their_own_part(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    owner = await make_organization(studio, "Own")
    small, large = [await make_member(studio, owner.organization_id, Role.MEMBER) for _ in range(2)]
    await set_limits(studio, owner, member_monthly=COST * 30)
    await set_limits(studio, owner, small, monthly=COST * 12)
    answers = await submit(studio, [small, large], AT_ONCE)
    assert codes(answers[::2]) == {"accepted": 12, "quota_exceeded": AT_ONCE // 2 - 12}
    assert codes(answers[1::2]) == {"accepted": 30, "quota_exceeded": AT_ONCE // 2 - 30}
    problem = next(answer.json() for answer in answers if answer.status_code == 402)
    assert problem["quota"]["of"] == "user"
    assert "your own" in problem["detail"]
    await ledger_holds(owner_engine)


async def test_of_200_submits_at_once_exactly_as_many_are_open_as_may_be(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    owner = await make_organization(studio, "Own")
    limited, free = [await make_member(studio, owner.organization_id, Role.MEMBER) for _ in range(2)]
    await set_limits(studio, owner, open_jobs=25)
    await set_limits(studio, owner, limited, open_jobs=7)
    answers = await submit(studio, [limited, free], AT_ONCE)
    assert codes(answers)["accepted"] == 25
    assert codes(answers[::2])["accepted"] <= 7
    assert set(codes(answers)) == {"accepted", "too_many_open_jobs"}
    await ledger_holds(owner_engine)
    await studio.drain()
    assert codes(await submit(studio, [limited], 10)) == {"accepted": 7, "too_many_open_jobs": 3}


async def test_a_cancel_and_a_failure_give_the_credit_back_and_a_finished_job_keeps_it(
    studio: Studio, owner_engine: AsyncEngine
) -> None:
    owner = await make_organization(studio, "Own")
    await set_limits(studio, owner, owner, monthly=COST * 2)
    http, headers = await studio.http(), await bearer_of(studio, owner)
    first, second = [answer.json() for answer in await submit(studio, [owner], 2)]
    assert codes(await submit(studio, [owner], 1)) == {"quota_exceeded": 1}
    await http.post(f"/api/v1/jobs/{first['job_id']}/cancel", headers=headers)
    await ledger_holds(owner_engine)
    assert codes(await submit(studio, [owner], 2)) == {"accepted": 1, "quota_exceeded": 1}
    await studio.drain()
    await ledger_holds(owner_engine)
    assert codes(await submit(studio, [owner], 1)) == {"quota_exceeded": 1}
    assert second["cost"] == pytest.approx(COST)


async def test_a_racing_cancel_and_finish_refund_at_most_once(studio: Studio, owner_engine: AsyncEngine) -> None:
    owner = await make_organization(studio, "Own")
    jobs = [answer.json()["job_id"] for answer in await submit(studio, [owner], 20)]
    http, headers = await studio.http(), await bearer_of(studio, owner)
    cancels = (http.post(f"/api/v1/jobs/{job_id}/cancel", headers=headers) for job_id in jobs for _ in range(2))
    await asyncio.gather(studio.drain(), *cancels)
    await studio.drain()
    async with owner_engine.begin() as connection:
        ends = await connection.execute(
            text("""
                SELECT job.status, array_agg(entry.kind ORDER BY entry.kind) AS kinds, count(DISTINCT job.id) AS jobs
                FROM image_jobs AS job JOIN ledger_entries AS entry
                    ON entry.organization_id = job.organization_id AND entry.job_id = job.id
                GROUP BY job.id, job.status
            """)
        )
        found = [(row.status, tuple(row.kinds)) for row in ends]
    assert len(found) == 20
    assert set(found) <= {("COMPLETED", ("reserve", "settle")), ("CANCELED", ("refund", "reserve"))}
    await ledger_holds(owner_engine)


async def test_limits_are_told_before_and_after_and_reach_no_further_than_the_role(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    admin = await make_member(studio, owner.organization_id, Role.ADMIN)
    member = await make_member(studio, owner.organization_id, Role.MEMBER)
    await set_limits(studio, owner, monthly=5, open_jobs=3)
    await set_limits(studio, admin, monthly=None)
    await set_limits(studio, admin, member, open_jobs=0)
    http, headers = await studio.http(), await bearer_of(studio, admin)
    for above in (owner, admin):
        answer = await http.patch(f"/api/v1/limits/members/{above.user_id}", json={"open_jobs": 1}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_too_high")
    limits = (await http.get("/api/v1/limits", headers=headers)).json()
    assert limits["organization"] == {
        "monthly": None,
        "open_jobs": 3,
        "member_monthly": None,
        "member_open_jobs": None,
        "installation_monthly": None,
    }
    assert next(each for each in limits["members"] if each["member_id"] == str(member.user_id))["open_jobs"] == 0
    assert codes(await submit(studio, [member], 1)) == {"too_many_open_jobs": 1}
    told = (await http.get("/api/v1/audit?action=quota.changed", headers=headers)).json()["items"]
    assert [(event["before"], event["after"]) for event in told] == [
        ({"open_jobs": None}, {"open_jobs": 0}),
        ({"monthly": 5.0}, {"monthly": None}),
        ({"monthly": None, "open_jobs": None}, {"monthly": 5.0, "open_jobs": 3}),
    ]


async def test_nobody_sets_more_than_the_installation_allows(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(quota_monthly=10) as studio:
        owner = await make_organization(studio, "Own")
        http, headers = await studio.http(), await bearer_of(studio, owner)
        answer = await http.patch("/api/v1/limits", json={"monthly": 10.5}, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "above_installation")
        await set_limits(studio, owner, monthly=10)
        await set_limits(studio, owner, monthly=None)
        assert (await http.get("/api/v1/limits", headers=headers)).json()["quota"]["limit"] == 10


@pytest.mark.parametrize("body", [{"monthly": -1}, {"monthly": 1e12}, {"open_jobs": 1.5}, {"weekly": 3}])
async def test_a_limit_that_makes_no_sense_is_refused(studio: Studio, body: dict[str, Any]) -> None:
    owner = await make_organization(studio, "Own")
    answer = await (await studio.http()).patch("/api/v1/limits", json=body, headers=await bearer_of(studio, owner))
    assert answer.status_code == 422
