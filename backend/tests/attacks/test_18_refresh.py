"""Attack 18: a stolen refresh token. Its family ends; two tabs of one browser that race do not look like theft."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.clock import utc_now
from app.services import keys, sessions
from tests.support.people import bearer_of, make_organization
from tests.support.studio import PASSWORD, Browser, Studio


async def refresh_with(studio: Studio, token: str, agent: str | None = None) -> httpx.Response:
    headers = {"Cookie": f"easel_refresh={token}"} | ({"User-Agent": agent} if agent else {})
    return await (await studio.http()).post("/api/v1/auth/refresh", headers=headers)


async def used_long_ago(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        past = utc_now() - timedelta(seconds=sessions.RACE_SECONDS + 1)
        await connection.execute(
            text("UPDATE refresh_tokens SET used_at = :past WHERE used_at IS NOT NULL"), {"past": past}
        )


async def is_dead(browser: Browser) -> bool:
    return (await browser.get("/api/v1/users/me")).status_code == 401


async def test_a_replayed_token_ends_the_family_and_is_audited(studio: Studio, owner_engine: AsyncEngine) -> None:
    ann = await studio.register("ann")
    stolen = ann.http.cookies["easel_refresh"]
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 200
    newest = ann.http.cookies["easel_refresh"]
    await used_long_ago(owner_engine)

    answer = await refresh_with(studio, stolen)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    assert await is_dead(ann)
    assert (await refresh_with(studio, newest)).status_code == 401

    await ann.http.post("/api/v1/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    events = (await ann.get("/api/v1/audit?action=session.refresh_token_reused")).json()["items"]
    assert len(events) == 1
    assert events[0]["target"].startswith("session:")


async def test_a_thief_with_another_browser_gets_no_grace(studio: Studio) -> None:
    ann = await studio.register("ann")
    stolen = ann.http.cookies["easel_refresh"]
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 200
    assert (await refresh_with(studio, stolen, agent="a thief's browser")).status_code == 401
    assert await is_dead(ann)


async def test_two_tabs_that_race_both_stay_signed_in(studio: Studio) -> None:
    ann = await studio.register("ann")
    token = ann.http.cookies["easel_refresh"]
    answers = await asyncio.gather(*(refresh_with(studio, token) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    for answer in answers:
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await (await studio.http()).get("/api/v1/users/me", headers=headers)).status_code == 200
    # Each got a token of its own, and each of them goes on.
    for answer in answers:
        assert (await refresh_with(studio, answer.cookies["easel_refresh"])).status_code == 200


async def test_a_disabled_person_is_out_within_the_stated_seconds(
    studio: Studio, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await studio.register("ann")
    key = (await ann.post("/api/v1/keys", json={"name": "x", "scopes": ["jobs:read"]})).json()["key"]
    program = {"Authorization": f"Bearer {key}"}
    assert not await is_dead(ann)
    assert (await ann.http.get("/api/v1/jobs", headers=program)).status_code == 200
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE users SET disabled_at = now()"))
    # What a process remembers is gone after LIVENESS_SECONDS; here its memory is made to be that old.
    later = sessions.LIVENESS_SECONDS + 0.1
    assert max(sessions.LIVENESS_SECONDS, keys.LIVENESS_SECONDS) == 5.0
    for memory in (studio.services.sessions._live, studio.services.keys._known):
        monkeypatch.setattr(memory, "clock", lambda: monotonic() + later)
    assert await is_dead(ann)
    assert (await ann.post("/api/v1/auth/refresh")).status_code == 401
    assert (await (await studio.http()).get("/api/v1/jobs", headers=program)).status_code == 401


async def test_signing_out_everywhere_kills_every_token_here_at_once(studio: Studio) -> None:
    ann = await studio.register("ann")
    http = await studio.http()
    body = {"email": "ann@example.com", "password": PASSWORD}
    other = (await http.post("/api/v1/auth/login", json=body)).json()["access_token"]
    assert (await ann.post("/api/v1/auth/logout?all=true")).status_code == 204
    plain = await studio.http()
    assert (await plain.get("/api/v1/users/me", headers={"Authorization": f"Bearer {other}"})).status_code == 401


async def test_a_token_of_the_password_form_leaves_no_long_session(studio: Studio) -> None:
    ann = await studio.register("ann")
    form = {"username": "ann@example.com", "password": PASSWORD}
    await (await studio.http()).post("/api/v1/auth/token", data=form)
    lives = sorted(
        (item["expires_at"], item["current"]) for item in (await ann.get("/api/v1/sessions")).json()["items"]
    )
    assert len(lives) == 2
    assert lives[0][0] < (utc_now() + timedelta(minutes=11)).isoformat()


async def test_nobody_ends_a_session_of_another(studio: Studio) -> None:
    one, other = await make_organization(studio, "One"), await make_organization(studio, "Other")
    http = await studio.http()
    mine = await bearer_of(studio, one)
    (session,) = (await http.get("/api/v1/sessions", headers=mine)).json()["items"]
    theirs = await bearer_of(studio, other)
    assert (await http.delete(f"/api/v1/sessions/{session['id']}", headers=theirs)).status_code == 404
    assert (await http.delete(f"/api/v1/sessions/{session['id']}", headers=mine)).status_code == 204
    assert (await http.get("/api/v1/sessions", headers=mine)).status_code == 401
