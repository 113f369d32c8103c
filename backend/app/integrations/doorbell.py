"""A doorbell for workers, in Redis: whoever waits at it hears at once that there may be work.

It carries no truth. A ring that nobody hears, that is lost or doubled changes nothing: workers claim from PostgreSQL,
and the sweep wakes them as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.integrations.redis_link import RedisLink
from app.integrations.scripts import Script, ScriptLine

log = get_logger(__name__)

PREFIX = "easel:bell:"
WAIT_SECONDS = 2.0
"""So long a wait lasts at most; it is shorter than the client's timeout."""
LISTENING_SECONDS = 6
RENEWED_SECONDS_BEFORE = 4
"""Longer than a wait: who waits is always known to."""
MOST_RINGS = 8
"""More are not kept: each of them only makes a worker look."""
AWAY_SECONDS = 1.0

# Somebody who waits is woken by the push itself. Answers whether anybody was at this door lately.
_RING = Script("""
if redis.call('LPUSH', KEYS[1], '1') > tonumber(ARGV[1]) then
    redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
end
redis.call('EXPIRE', KEYS[1], 60)
return redis.call('EXISTS', KEYS[2])
""")


class Doorbell:
    def __init__(self, redis: Redis, scripts: ScriptLine) -> None:
        self._scripts = scripts
        self._door = RedisLink(redis)
        """Of its own: whoever waits at it holds it."""
        self._listening_until = 0.0

    def ring(self, model_id: str) -> asyncio.Future[Any]:
        """Wakes one worker that has this model; it leaves at the end of this turn of the loop. For `was_heard`, once it
        is done."""
        return self._scripts.begin(_RING, [_bell(model_id), _listener(model_id)], [MOST_RINGS])

    @staticmethod
    def was_heard(ring: asyncio.Future[Any]) -> bool:
        """False when nobody listens, or Redis is away."""
        try:
            return bool(ring.result())
        except RedisError as error:
            log.warning("bell_not_rung", reason=type(error).__name__)
            return False

    async def wait(self, model_ids: Sequence[str]) -> bool:
        """Until somebody rings for one of these models; False after a while without a ring, and when Redis is away."""
        self._listen(model_ids)
        try:
            return await self._door.ask("BRPOP", *map(_bell, model_ids), WAIT_SECONDS) is not None
        except asyncio.CancelledError:
            self._door.drop()  # or it would take a ring that nobody hears
            raise
        except RedisError:
            self._listening_until = 0.0
            await asyncio.sleep(AWAY_SECONDS)
            return False

    async def close(self) -> None:
        await self._door.close()

    def _listen(self, model_ids: Sequence[str]) -> None:
        """Say that somebody looks at the bells of these models."""
        now = monotonic()
        if now < self._listening_until:
            return
        self._listening_until = now + LISTENING_SECONDS - RENEWED_SECONDS_BEFORE
        for each in model_ids:
            self._door.ask("SET", _listener(each), "1", "EX", LISTENING_SECONDS)


def _bell(model_id: str) -> str:
    return f"{PREFIX}{model_id}"


def _listener(model_id: str) -> str:
    return f"{PREFIX}{model_id}:listener"
