"""Attack 19: guessing one account's password, spraying many accounts, and telling known accounts from unknown ones."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import event

from app.core import passwords
from app.core.passwords import Passwords
from app.integrations.guessing import GuessingLimiter, Patience, Suspect
from app.integrations.rate_limits import RedisOrMemory
from app.integrations.scripts import ScriptLine
from app.services.limits import _ACCOUNT, _PAIR, _PLACE
from tests.conftest import Servers
from tests.support.studio import PASSWORD, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def guess(http: httpx.AsyncClient, email: str, password: str = "a wrong password") -> httpx.Response:
    return await http.post("/api/v1/auth/login", json={"email": email, "password": password})


def from_address(studio: Studio, address: str) -> httpx.AsyncClient:
    """A client elsewhere: all of 127/8 is this machine."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(base_url=studio.url, timeout=30, transport=transport)


async def test_of_a_hundred_guesses_at_once_five_are_looked_at(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    answers = await asyncio.gather(*(guess(http, "ann@example.com") for _ in range(100)))
    counted = Counter(answer.status_code for answer in answers)
    # On a slow machine the first short delays (1, 2, 4 s) may be over before the last of them has arrived.
    assert _PAIR.free <= counted[401] <= _PAIR.free + 5
    assert counted[401] + counted[429] == 100
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "rate_limited"
    assert int(refused.headers["Retry-After"]) >= 1


async def test_an_unknown_account_is_slowed_just_like_a_known_one(studio: Studio) -> None:
    await studio.register("ann")
    http, seen = await studio.http(), {}
    for email in ("ann@example.com", "nobody@example.com"):
        answers = await asyncio.gather(*(guess(http, email) for _ in range(20)))
        seen[email] = {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert seen["ann@example.com"] == seen["nobody@example.com"]


async def test_the_owner_gets_in_while_somebody_guesses(studio: Studio) -> None:
    ann = await studio.register("ann")  # her browser has a device cookie now
    assert "easel_device" in ann.http.cookies
    thief = await studio.http()
    answers = await asyncio.gather(*(guess(thief, "ann@example.com") for _ in range(40)))
    assert 429 in {answer.status_code for answer in answers}
    assert (await guess(ann.http, "ann@example.com", PASSWORD)).status_code == 200
    async with from_address(studio, "127.0.0.2") as elsewhere:  # and from a new machine as well
        assert (await guess(elsewhere, "ann@example.com", PASSWORD)).status_code == 200


async def test_a_device_cookie_of_another_account_or_a_forged_one_is_worth_nothing(studio: Studio) -> None:
    ann = await studio.register("ann")
    for cookie in (ann.http.cookies["easel_device"], "x.y", "x." + "0" * 64, "."):
        async with httpx.AsyncClient(base_url=studio.url, cookies={"easel_device": cookie}) as thief:
            email = f"bob{len(cookie)}@example.com"
            answers = await asyncio.gather(*(guess(thief, email) for _ in range(20)))
        assert 429 in {answer.status_code for answer in answers}


async def test_spraying_many_accounts_from_one_place_is_slowed(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    guesses = [guess(http, f"person{number}@example.com") for number in range(_PLACE.free + 30)]
    counted = Counter(answer.status_code for answer in await asyncio.gather(*guesses))
    assert counted[401] >= _PLACE.free
    assert counted[429] >= 20
    async with from_address(studio, "127.0.0.3") as elsewhere:
        assert (await guess(elsewhere, "ann@example.com", PASSWORD)).status_code == 200


async def test_one_account_tried_from_many_places_is_slowed(studio: Studio) -> None:
    await studio.register("ann")

    async def from_somewhere(number: int) -> int:
        async with from_address(studio, f"127.0.1.{number + 1}") as somewhere:
            return (await guess(somewhere, "ann@example.com")).status_code

    counted = Counter(await asyncio.gather(*(from_somewhere(number) for number in range(_ACCOUNT.free + 30))))
    assert counted[401] >= _ACCOUNT.free
    assert counted[429] >= 20


async def test_signing_in_often_and_rightly_is_never_slowed(studio: Studio) -> None:
    await studio.register("ann")
    http = await studio.http()
    for _ in range(3 * _PAIR.free):
        http.cookies.clear()
        assert (await guess(http, "ann@example.com", PASSWORD)).status_code == 200


async def test_a_known_and_an_unknown_account_cost_the_same_work(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements and the same hashing. (What it comes to in milliseconds is measured in bench/.)"""
    await studio.register("ann")
    http = await studio.http()
    statements: list[str] = []
    verified: list[bool] = []
    engine = studio.parts.units._sessions.kw["bind"].sync_engine
    verify = Passwords.verify

    async def counted(self: Passwords, password: str, password_hash: str | None) -> bool:
        verified.append(password_hash is None)
        return await verify(self, password, password_hash)

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    monkeypatch.setattr(Passwords, "verify", counted)
    event.listen(engine, "before_cursor_execute", note)
    try:
        work = []
        for email in ("ann@example.com", "nobody@example.com"):
            statements.clear()
            assert (await guess(http, email)).status_code == 401
            work.append(list(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert work[0] == work[1]
    assert len(work[0]) > 3
    assert verified == [False, True]


def test_the_delay_doubles_up_to_its_bound() -> None:
    patience = Patience(free=5, longest=300, memory=3600)
    assert [patience.delay_after(attempts) for attempts in range(3, 16)] == [
        *[0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
    ]


@pytest.mark.parametrize("place", ["redis", "memory"])
async def test_redis_and_memory_count_alike(servers: Servers, empty: None, place: str) -> None:
    url = servers.redis_url if place == "redis" else "redis://127.0.0.1:1"
    redis = Redis.from_url(url)
    scripts = ScriptLine(redis)
    limiter = GuessingLimiter(scripts, RedisOrMemory())
    suspects = [
        Suspect("a", "x", Patience(free=2, longest=1000, memory=60)),
        Suspect("b", "y", Patience(free=9, longest=9, memory=60)),
    ]
    assert await limiter.attempt(suspects) == 0
    assert await limiter.attempt(suspects) == 0
    assert 0 < await limiter.attempt(suspects) <= 1
    assert await limiter.attempt(suspects[1:]) == 0  # what was refused has counted against nobody
    await limiter.forgive(suspects)
    assert await limiter.attempt(suspects) == 0
    assert 0 < await limiter.attempt(suspects) <= 1
    await scripts.close()
    await redis.aclose()


async def test_without_redis_guesses_are_counted_all_the_same(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(redis_url="redis://127.0.0.1:1") as studio:
        await studio.register("ann")
        http = await studio.http()
        answers = await asyncio.gather(*(guess(http, "ann@example.com") for _ in range(40)))
        counted = Counter(answer.status_code for answer in answers)
        assert _PAIR.free <= counted[401] <= _PAIR.free + 5
        assert counted[401] + counted[429] == 40


async def test_fifty_sign_ins_at_once_hold_up_nobody_else(
    open_studio_with: OpenStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing happens on a few threads of its own: held there, it leaves the loop and a processor to all others."""
    gate, lock, running, most = threading.Event(), threading.Lock(), 0, 0
    verify = passwords._verify

    def held(password: str, password_hash: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(100)
        with lock:
            running -= 1
        return verify(password, password_hash)

    async with open_studio_with() as studio:
        ann = await studio.register("ann")
        monkeypatch.setattr(passwords, "_verify", held)
        people = [from_address(studio, f"127.0.2.{number + 1}") for number in range(50)]
        guesses = [
            asyncio.create_task(guess(each, f"person{number}@example.com")) for number, each in enumerate(people)
        ]
        try:
            while not running:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            for _ in range(20):  # none of the fifty has an answer, and all of this is answered meanwhile
                assert (await ann.get("/api/v1/users/me")).status_code == 200
                assert (await ann.get("/healthz")).status_code == 200
            assert not any(each.done() for each in guesses)
        finally:
            gate.set()
        assert {answer.status_code for answer in await asyncio.gather(*guesses)} == {401}
        assert most <= max(1, (os.cpu_count() or 2) // 2)
        for each in people:
            await each.aclose()
