"""Attack 19: a wrong password for a known and an unknown account in time, and others' p99 during 50 logins at once."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import orjson

from app.core.passwords import Passwords
from bench.lib.bystanders import p99, without_pause
from bench.lib.rounds import Measure, interleave
from bench.lib.servers import Person, Servers, open_servers
from bench.lib.tables import print_table, verdict

KNOWN, UNKNOWN, OTHER_UNKNOWN = (
    "a known account",
    "an unknown account",
    "another unknown account",
)
ALONE, DURING = "nobody signs in", "50 sign in at once"
GUESSES, AT_ONCE = 30, 50
MAX_APART, MAX_TIMES = 1.1, 2.0
"""Known and unknown may differ by a tenth, up or down: two unknown ones, beside them, tell what the machine adds."""


def _places() -> Iterator[str]:
    for number in itertools.count():
        yield f"127.{1 + number // 62_500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"


@dataclass
class Login:
    """Somebody who guesses, each time from another place (all of 127/8 is this machine): no limit slows them."""

    port: int
    places: Iterator[str] = field(default_factory=_places)

    async def guess(self, email: str) -> None:
        body = orjson.dumps({"email": email, "password": "a wrong password"})
        head = (
            f"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(next(self.places), 0))
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 503")), answer[:200]

    async def turn(self, name: Callable[[], str]) -> float:
        """Median seconds of a guess, one after the other; `name` gives an account that nobody has guessed at often."""
        took = []
        for _ in range(GUESSES):
            began = time.perf_counter()
            await self.guess(name())
            took.append(time.perf_counter() - began)
        return statistics.median(took)


async def run(rounds: int) -> None:
    rounds = max(5, rounds)
    async with open_servers(address_requests_per_minute=1_000_000) as bench:
        people = await bench.people(GUESSES * (rounds + 1))
        emails = await accounts_of(bench, people)
        async with bench.api() as (_, port):
            login, known, unknown = Login(port), itertools.cycle(emails), _strangers()
            turns: dict[str, Measure] = {
                KNOWN: partial(login.turn, partial(next, known)),
                UNKNOWN: partial(login.turn, partial(next, unknown)),
                OTHER_UNKNOWN: partial(login.turn, partial(next, unknown)),
            }
            times = await interleave(turns, rounds=rounds)

            async def during() -> float:
                async with without_pause(*[lambda: login.guess(next(unknown)) for _ in range(AT_ONCE)]):
                    await asyncio.sleep(0.5)
                    return await p99(port, people[:8])

            slow = await interleave({ALONE: partial(p99, port, people[:8]), DURING: during}, rounds=rounds)
    rows = []
    for name in turns:
        ratio, (low, high) = times.ratio(name, UNKNOWN), times.spread(name, UNKNOWN)
        kept = verdict(max(ratio, 1 / ratio), MAX_APART) if name == KNOWN else ""
        rows.append((name, times.median(name) * 1000, ratio, f"{low:.2f} to {high:.2f}", kept))
    columns = ("a wrong password for", "p50, ms", "ratio", "quartiles", "promise")
    print_table(f"Guessing: {GUESSES} a turn, one after the other", columns, rows)
    ratio, (low, high) = slow.ratio(DURING, ALONE), slow.spread(DURING, ALONE)
    print_table(
        "Others' requests while people sign in, one API process",
        ("meanwhile", "p99, ms", "ratio", "quartiles", "promise"),
        [
            (ALONE, slow.median(ALONE) * 1000, 1.0, "", ""),
            (
                DURING,
                slow.median(DURING) * 1000,
                ratio,
                f"{low:.2f} to {high:.2f}",
                verdict(ratio, MAX_TIMES),
            ),
        ],
    )


async def accounts_of(bench: Servers, people: list[Person]) -> list[str]:
    """Their addresses, once each has a password."""
    password_hash = await Passwords().hash("the right password")
    found = await bench.rows("UPDATE users SET password_hash = :hash RETURNING email", hash=password_hash)
    assert len(found) == len(people)
    return [row.email for row in found]


def _strangers() -> Iterator[str]:
    """As long as the addresses of those who have an account."""
    for number in itertools.count():
        yield f"00000000-0000-7000-8000-{number:012d}@example.com"
