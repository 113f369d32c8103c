"""A doorbell for workers, in Redis: whoever waits at it hears at once that there may be work.

It carries no truth. A ring that nobody hears, that is lost or doubled changes nothing: workers claim from PostgreSQL,
and the sweep wakes them as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.integrations.scripts import Script, ScriptLine

log = get_logger(__name__)

PREFIX = "easel:bell:"
WAIT_SECONDS = 2.0
"""So long a wait lasts at most; it is shorter than the client's timeout."""
LISTENING_SECONDS = 6
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
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._scripts = ScriptLine(redis)

    async def ring(self, model_id: str) -> bool:
        """Wakes one worker that has this model; False when none listens, or Redis is away."""
        try:
            return bool(await self._scripts.run(_RING, [_bell(model_id), _listener(model_id)], [MOST_RINGS]))
        except (RedisError, OSError) as error:
            log.warning("bell_not_rung", reason=type(error).__name__)
            return False

    async def wait(self, model_ids: Sequence[str]) -> bool:
        """Until somebody rings for one of these models; False after a while without a ring, and when Redis is away."""
        try:
            await self.listen(model_ids)
            return await self._redis.brpop([_bell(each) for each in model_ids], timeout=WAIT_SECONDS) is not None
        except (RedisError, OSError):
            await asyncio.sleep(AWAY_SECONDS)
            return False

    async def listen(self, model_ids: Sequence[str]) -> None:
        """Say that somebody will look at the bells of these models soon."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for each in model_ids:
                pipeline.set(_listener(each), "1", ex=LISTENING_SECONDS)
            await pipeline.execute()


def _bell(model_id: str) -> str:
    return f"{PREFIX}{model_id}"


def _listener(model_id: str) -> str:
    return f"{PREFIX}{model_id}:listener"
