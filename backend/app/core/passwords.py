"""Passwords: Argon2id, off the event loop and never more at once than leaves others a processor."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from zxcvbn_rs_py import zxcvbn

from app.core.errors import InvalidInput, Unavailable

Result = TypeVar("Result")

# OWASP's password storage advice for Argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MAX_WAITING = 200
"""So many sign-ins may wait for their turn. At 25 ms each the last one waits for some seconds; more is an attack."""
WEAK_SCORE = 2
"""Below it, zxcvbn estimates less than a million guesses. It knows the passwords, names and words of leaked lists."""
JUDGED_CHARS = 64
"""An estimate takes longer with each letter. What follows so many is not looked at."""
STUDIO_WORDS = ("easel", "studio")


class Passwords:
    def __init__(self) -> None:
        # A hash keeps a processor busy for tens of milliseconds: a flood of sign-ins has to leave one free.
        self._threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2), "passwords")
        self._waiting = 0
        # Verified when the account is unknown, so that the time tells nothing.
        self._decoy = _HASHER.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        return await self._run(lambda: _HASHER.hash(password))

    async def hash_new(self, password: str, *, own_words: Iterable[str | None], pointer: str = "/password") -> str:
        """Of one that somebody has chosen. Raises `InvalidInput` for one that others would soon guess.

        `own_words` are what everybody knows of the person: their name, their address.
        """
        if await self._run(lambda: _is_weak(password, own_words)):
            raise InvalidInput.for_field(
                pointer,
                "weak_password",
                "This password is one of those that are tried first: common, or made of your name or address. "
                "Take a longer one of several words.",
            )
        return await self.hash(password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """True when it matches. With no hash it works as long, and says False."""
        matches = await self._run(lambda: _verify(password, password_hash or self._decoy))
        return matches and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        return _HASHER.check_needs_rehash(password_hash)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many people sign in at this moment. Try again in a few seconds.", code="busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _is_weak(password: str, own_words: Iterable[str | None]) -> bool:
    words: list[str] = []
    for each in (*STUDIO_WORDS, *own_words):
        parts = re.split(r"[\W_]+", each or "")
        words += [each or "", *parts, "".join(parts)]
    # An enumeration, whatever its types say.
    return int(zxcvbn(password[:JUDGED_CHARS], [word for word in words if word]).score) < WEAK_SCORE


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
