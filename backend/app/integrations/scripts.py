"""Lua scripts in Redis, over one link: those of many requests are under way at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.integrations.redis_link import Command, RedisLink


class Script:
    """The text, and the hash by which Redis knows it once it has seen it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class ScriptLine:
    """Runs scripts in the order in which they were asked for."""

    def __init__(self, redis: Redis) -> None:
        self._known: dict[str, Script] = {}
        self._link = RedisLink(redis, greeting=self._introductions, when_refused=self._tell_anew_if_forgotten)

    def begin(self, script: Script, keys: Sequence[str], args: Sequence[str | int | float]) -> asyncio.Future[Any]:
        """It leaves at the end of this turn of the loop. The answer to come may be dropped; it raises `RedisError`."""
        if script.sha not in self._known:
            self._known[script.sha] = script
            self._link.ask(*_introduction(script))
        return self._link.ask("EVALSHA", script.sha, len(keys), *keys, *args)

    async def run(
        self, script: Script, keys: Sequence[str], args: Sequence[str | int | float], *, seconds: float | None = None
    ) -> Any:
        """The script's answer. Raises `RedisError`; after so many seconds that Redis does not answer."""
        try:
            return await _in_time(self.begin(script, keys, args), seconds)
        except NoScriptError:
            return await _in_time(self.begin(script, keys, args), seconds)

    def _tell_anew_if_forgotten(self, error: RedisError) -> None:
        """Somebody may have made Redis forget its scripts."""
        if isinstance(error, NoScriptError):
            self._known.clear()

    async def close(self) -> None:
        await self._link.close()

    def _introductions(self) -> list[Command]:
        """What a new connection begins with: it may lead to a Redis that is new."""
        return [_introduction(script) for script in self._known.values()]


async def _in_time(answer: asyncio.Future[Any], seconds: float | None) -> Any:
    """As `asyncio.timeout`, which costs as much as the script."""
    if seconds is None:
        return await answer
    timer = asyncio.get_running_loop().call_later(seconds, _give_up, answer)
    try:
        return await answer
    finally:
        timer.cancel()


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(RedisTimeoutError("Redis does not answer."))


def _introduction(script: Script) -> Command:
    return "SCRIPT", "LOAD", script.text
