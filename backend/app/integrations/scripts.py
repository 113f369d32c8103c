"""Lua scripts in Redis, those of many requests in one round trip."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

MOST_AT_ONCE = 256


class Script:
    """The text, and the hash by which Redis knows it once it has seen it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class _Call:
    script: Script
    keys: Sequence[str]
    args: Sequence[str | int | float]
    answer: asyncio.Future[Any]


class ScriptLine:
    """Runs scripts in the order in which they were asked for.

    A call that finds the line idle is sent at once; those that come while one is under way go together with the next.
    So a lone request waits for nobody, and a thousand share what a round trip costs this process.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # its types say that an answer may be there without waiting
        self._waiting: list[_Call] = []
        self._sender: asyncio.Task[None] | None = None

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[str | int | float]) -> Any:
        """The script's answer. Raises `RedisError` or `OSError`."""
        call = _Call(script, keys, args, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send(), name="redis-scripts")
        return await call.answer

    async def _send(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                answers = await self._ask(calls)
            except asyncio.CancelledError:
                for call in (*calls, *self._waiting):
                    call.answer.cancel()
                raise
            except Exception as error:  # noqa: BLE001 (whatever it is, the callers get it)
                answers = [error] * len(calls)
            for call, answer in zip(calls, answers, strict=True):
                if call.answer.done():  # its caller did not wait
                    continue
                if isinstance(answer, Exception):
                    call.answer.set_exception(answer)
                else:
                    call.answer.set_result(answer)

    async def _ask(self, calls: Sequence[_Call]) -> list[Any]:
        pipeline: Any = self._redis.pipeline(transaction=False)
        for call in calls:
            pipeline.evalsha(call.script.sha, len(call.keys), *call.keys, *call.args)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        for at, call in enumerate(calls):
            if isinstance(answers[at], NoScriptError):  # a Redis that is new or was emptied
                try:
                    answers[at] = await self._redis.eval(call.script.text, len(call.keys), *call.keys, *call.args)
                except RedisError as error:
                    answers[at] = error
        return answers
