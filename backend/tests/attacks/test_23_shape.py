"""Attack 23: too much, too slow, too deep, or in a shape that nobody meant. 4xx or limited, and nothing is kept."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from app.api.middleware import MAX_BODY_BYTES
from app.services.cursors import encode_cursor
from tests.support.studio import Browser, Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]

MEGABYTE = 1_000_000
JSON = {"Content-Type": "application/json"}


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


async def raw(studio: Studio, browser: Browser, head: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of our own that has sent the head of `POST /api/v1/generate` as this person."""
    at = urlsplit(studio.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    writer.write(
        f"POST /api/v1/generate HTTP/1.1\r\nHost: {at.netloc}\r\nCookie: {cookies}\r\nX-CSRF-Token: {browser.csrf}\r\n"
        f"Content-Type: application/json\r\n{head}\r\n\r\n".encode()
    )
    await writer.drain()
    return reader, writer


async def status_of(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(60):
        return int((await reader.readline()).split()[1])


async def test_a_hundred_megabytes_are_refused_before_they_are_read(studio: Studio) -> None:
    ann = await studio.register("ann")
    reader, writer = await raw(studio, ann, f"Content-Length: {100 * MEGABYTE}")
    assert await status_of(reader) == 413  # not a byte of the body was sent
    writer.close()


async def test_a_hundred_megabytes_without_a_length_are_cut_off(studio: Studio) -> None:
    ann, before, sent = await studio.register("ann"), peak_megabytes(), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"prompt": "'
        for _ in range(1600):
            sent += 65536
            yield b"x" * 65536

    try:
        answer = await ann.post("/api/v1/generate", content=endless(), headers=JSON)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the server has closed the connection while we were still sending
    assert sent < 50 * MEGABYTE
    assert peak_megabytes() - before < 50
    assert (await ann.get("/api/v1/jobs")).json()["items"] == []


async def test_a_body_that_dawdles_is_given_up(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(body_seconds=0.5) as studio:
        ann = await studio.register("ann")
        for head in ("Content-Length: 20", "Transfer-Encoding: chunked"):
            reader, writer = await raw(studio, ann, head)
            writer.write(b'{"pro' if "Length" in head else b'5\r\n{"pro\r\n')
            assert await status_of(reader) == 408
            rest = (await reader.read()).decode()  # and the connection ends
            assert "body_too_slow" in rest
            writer.close()
        assert (await ann.generate())["status"] == "QUEUED"


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"prompt":' * 90_000 + b"1" + b"}" * 90_000,
        b'{"prompt": "x", "guidance": NaN}',
        b'{"prompt": "x", "guidance": Infinity}',
        b'{"prompt": "x", "guidance": 1e999}',
        b'{"prompt": "x", "seed": ' + b"9" * 5000 + b"}",
        b'{"prompt": "x", "width": 64.5}',
        b'{"prompt": "x", "prompt": "a\\u0000b"}',
        b'{"prompt": "a\\u0000b"}',
        b'{"prompt": "a\x00b"}',
        b'{"prompt": "x", "unknown": 1}',
        b'{"prompt": "x", "__proto__": {"admin": true}}',
        b'{"prompt": ["x"]}',
        b'{"prompt": "\xff\xfe"}',
        b"\xff\xfe{\x00}\x00",
        b'{"prompt": "x"} {"prompt": "y"}',
        b"null",
        b"",
    ],
    ids=lambda content: content[:40].decode("ascii", "replace") or "nothing",
)
async def test_a_body_of_a_wrong_shape_is_a_problem_and_nothing_is_kept(studio: Studio, content: bytes) -> None:
    ann = await studio.register("ann")
    answer = await ann.post("/api/v1/generate", content=content, headers=JSON)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await ann.get("/api/v1/jobs")).json()["items"] == []


async def test_a_prompt_of_two_megabytes_is_refused(studio: Studio) -> None:
    ann = await studio.register("ann")
    assert (await ann.post("/api/v1/generate", json={"prompt": "x" * 2 * MEGABYTE})).status_code == 413
    just_fits = "x" * (MAX_BODY_BYTES - 100)
    answer = await ann.post("/api/v1/generate", json={"prompt": just_fits})
    assert answer.status_code == 422
    assert len(answer.content) < 2000  # the answer does not send it back


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_json_under_another_name_is_not_taken(studio: Studio, content_type: str) -> None:
    """A form of another site can send these without asking; a JSON content type it can not."""
    ann = await studio.register("ann")
    content = json.dumps({"prompt": "a red rocket"}).encode()
    answer = await ann.post("/api/v1/generate", content=content, headers={"Content-Type": content_type})
    assert answer.status_code in {415, 422}, answer.text


@pytest.mark.parametrize(
    "cursor",
    [
        encode_cursor(UUID(int=0)),
        encode_cursor(UUID(int=2**128 - 1)),
        encode_cursor(UUID("01a212c5-f7c2-74a0-bbb2-89cc46310643")),
        base64.urlsafe_b64encode(b"' OR 1=1 --     ").decode(),
        "AAAA",
        "../../etc/passwd",
        "a" * 100,
        "a" * 101,
        "%00",
        "\u0661\u0662",
        "",
    ],
)
async def test_a_forged_cursor_shows_nothing_of_anybody_else(open_studio_with: OpenStudio, cursor: str) -> None:
    async with open_studio_with(registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        job = await ann.generate("ann's own picture")
        await studio.drain()
        for path in ("/api/v1/jobs", "/api/v1/images", "/api/v1/audit", "/api/v1/admin/dead-letters"):
            answer = await bob.get(path, params={"cursor": cursor})
            assert answer.status_code in {200, 422}, answer.text
            assert job["job_id"] not in answer.text
            assert "ann's own picture" not in answer.text


async def test_of_many_idle_streams_of_one_user_a_few_are_kept(open_studio_with: OpenStudio) -> None:
    async with AsyncExitStack() as held, open_studio_with(streams_per_user=5, registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")

        async def hold(browser: Browser) -> httpx.Response:
            return await held.enter_async_context(browser.http.stream("GET", "/api/v1/events"))

        answers = await asyncio.gather(*(hold(ann) for _ in range(60)))
        open_now = [answer for answer in answers if answer.status_code == 200]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert (len(open_now), len(refused)) == (5, 55)
        assert int(refused[0].headers["Retry-After"]) > 0
        assert (await hold(bob)).status_code == 200  # nobody else's share
        await held.aclose()

        async def opens_again() -> bool:
            async with ann.http.stream("GET", "/api/v1/events") as answer:
                return answer.status_code == 200

        async with asyncio.timeout(30):  # the server learns of a closed connection when it is told
            while not await opens_again():  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_streams_of_all_users_together_are_bounded_too(open_studio_with: OpenStudio) -> None:
    async with AsyncExitStack() as held, open_studio_with(streams=2, registration="open") as studio:
        people: list[Any] = [await studio.register(name) for name in ("ann", "bob", "cyd")]
        statuses = [
            (await held.enter_async_context(person.http.stream("GET", "/api/v1/events"))).status_code
            for person in people
        ]
        assert statuses == [200, 200, 503]
        await held.aclose()


# What follows is about who does such things again and again. Points: a body too large six, an unreadable one three.


async def send_too_much(browser: Browser) -> int:
    answer = await browser.post("/api/v1/generate", content=b"x" * (MAX_BODY_BYTES + 1), headers=JSON)
    return answer.status_code


async def test_whoever_sent_too_much_too_often_is_turned_away_unread_and_nobody_else_is(
    open_studio_with: OpenStudio,
) -> None:
    async with open_studio_with(refusals_per_minute=12, registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        await ann.get("/api/v1/jobs")
        assert [await send_too_much(ann) for _ in range(3)] == [413, 413, 429]

        began, sent = asyncio.get_running_loop().time(), 0
        reader, writer = await raw(studio, ann, "Transfer-Encoding: chunked")
        with contextlib.suppress(OSError):
            while asyncio.get_running_loop().time() - began < 5 and not reader.at_eof():
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
                await asyncio.wait_for(writer.drain(), 5)
        assert sent < 20 * MEGABYTE  # what the two kernels and one buffer hold; nobody took it in
        assert asyncio.get_running_loop().time() - began > 0.8  # and it was in no hurry
        writer.close()

        answer = await ann.get("/api/v1/jobs")
        assert answer.status_code == 429
        assert answer.json()["code"] == "refused_too_often"
        assert answer.headers["Connection"] == "close"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["Content-Security-Policy"]
        assert (await bob.generate())["status"] == "QUEUED"  # of the same address
        await studio.register("cyd")  # a newcomer too


async def test_after_a_while_it_is_listened_to_again(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(refusals_per_minute=120) as studio:
        ann = await studio.register("ann")
        while await send_too_much(ann) != 429:
            pass
        await asyncio.sleep(2)
        assert (await ann.generate())["status"] == "QUEUED"


async def test_json_too_deep_is_refused_unread_after_a_few(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(refusals_per_minute=12) as studio:
        ann = await studio.register("ann")
        deep = b"[" * 100_000 + b"]" * 100_000
        statuses = [(await ann.post("/api/v1/generate", content=deep, headers=JSON)).status_code for _ in range(5)]
        assert statuses == [400, 400, 400, 400, 429]


async def test_a_persons_mistakes_shut_nobody_out(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(refusals_per_minute=6, address_refusals_per_minute=6) as studio:
        ann = await studio.register("ann")
        for _ in range(30):
            assert (await ann.post("/api/v1/generate", json={"prompt": ""})).status_code == 422
            assert (await ann.post("/api/v1/generate", content=b"{", headers=JSON)).status_code == 422
            assert (await ann.get(f"/api/v1/status/{UUID(int=7)}")).status_code == 404
            assert (await ann.post("/api/v1/nothing")).status_code == 404
        assert (await ann.generate())["status"] == "QUEUED"


async def test_guessing_passwords_is_slowed_by_its_own_delays_alone(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(refusals_per_minute=6, address_refusals_per_minute=6) as studio:
        ann = await studio.register("ann")
        guess = {"email": "ann@example.com", "password": "not the right one"}
        http = await studio.http()
        answers = [await http.post("/api/v1/auth/login", json=guess) for _ in range(20)]
        assert {answer.json()["code"] for answer in answers} == {"wrong_credentials", "rate_limited"}
        assert (await ann.generate())["status"] == "QUEUED"


async def test_credentials_made_up_one_after_the_other_share_the_addresss_allowance(
    open_studio_with: OpenStudio,
) -> None:
    async with open_studio_with(address_refusals_per_minute=12) as studio:
        ann, http = await studio.register("ann"), await studio.http()
        await ann.get("/api/v1/jobs")
        answers = [await http.get("/api/v1/jobs", headers={"Authorization": f"Bearer made up {n}"}) for n in range(14)]
        assert [answer.json()["code"] for answer in answers[:12]] == ["invalid_token"] * 12
        assert answers[-1].json()["code"] == "refused_too_often"
        elsewhere = {"Authorization": "Bearer made up", "X-Forwarded-For": "203.0.113.9"}  # as the proxy says it
        assert (await http.get("/api/v1/jobs", headers=elsewhere)).json()["code"] == "invalid_token"
        assert (await ann.generate())["status"] == "QUEUED"  # known to be good, at the same address
        assert (await http.get("/healthz")).status_code == 200


async def test_so_many_requests_of_one_caller_wait_at_once(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(waiting_requests=5, registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        slow = [await raw(studio, ann, "Content-Length: 20") for _ in range(5)]
        await asyncio.sleep(0.2)
        assert (await ann.get("/api/v1/jobs")).json()["code"] == "refused_too_often"
        assert (await bob.get("/api/v1/jobs")).status_code == 200
        for _, writer in slow:
            writer.close()
        await asyncio.sleep(0.5)
        assert (await ann.get("/api/v1/jobs")).status_code == 200


async def test_open_streams_do_not_count_as_waiting(open_studio_with: OpenStudio) -> None:
    async with AsyncExitStack() as held, open_studio_with(waiting_requests=2) as studio:
        ann = await studio.register("ann")
        for _ in range(4):
            answer = await held.enter_async_context(ann.http.stream("GET", "/api/v1/events"))
            assert answer.status_code == 200
        assert (await ann.get("/api/v1/jobs")).status_code == 200
        await held.aclose()
