"""Growing delays for those who guess passwords: counted in Redis, or in memory while Redis is away.

The first attempts are free. Each further one has to wait twice as long as the one before, up to a bound. An attempt
counts before its password is looked at, so that a hundred at once are a hundred; one that succeeded is taken back.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from cachetools import LRUCache

from app.integrations.rate_limits import REDIS_SECONDS, REMEMBERED_KEYS, RedisOrMemory
from app.integrations.scripts import Script, ScriptLine


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` attempts without delay; then `longest` is the most that the doubling comes to, in seconds.

    After `memory` seconds without an attempt all is forgotten.
    """

    free: int
    longest: float
    memory: float

    def delay_after(self, attempts: int) -> float:
        """Seconds until the next attempt, once there have been so many."""
        if attempts < self.free:
            return 0.0
        return min(2.0 ** min(attempts - self.free, 30), self.longest)


@dataclass(frozen=True, slots=True)
class Suspect:
    """What an attempt counts against. `kind` is a word, `who` may be anything: only its hash is kept."""

    kind: str
    who: str
    patience: Patience

    @property
    def key(self) -> str:
        return f"easel:{{guess}}:{self.kind}:{hashlib.sha256(self.who.encode(errors='surrogatepass')).hexdigest()[:32]}"


# All or nothing: an attempt that has to wait for one suspect counts against none. Times are Redis's own.
_ATTEMPT = Script("""
local now = redis.call('TIME'); now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local wait = 0
for i, key in ipairs(KEYS) do
  local ready = tonumber(redis.call('HGET', key, 'ready') or 0)
  if ready - now > wait then wait = ready - now end
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  local free, longest, memory = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
  local n = redis.call('HINCRBY', key, 'n', 1)
  if n >= free then
    redis.call('HSET', key, 'ready', tostring(now + math.min(2 ^ math.min(n - free, 30), longest)))
  end
  redis.call('EXPIRE', key, memory)
end
return '0'
""")
_FORGIVE = Script("""
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    if redis.call('HINCRBY', key, 'n', -1) < 1 then redis.call('DEL', key) else redis.call('HDEL', key, 'ready') end
  end
end
return 0
""")


class GuessingLimiter:
    def __init__(self, scripts: ScriptLine, choice: RedisOrMemory) -> None:
        self._choice = choice
        self._scripts = scripts
        self._counts: LRUCache[str, tuple[int, float, float]] = LRUCache(REMEMBERED_KEYS)

    async def attempt(self, suspects: list[Suspect]) -> float:
        """Count an attempt against all of them. Seconds to wait when one of them has to; 0 when it may go on.

        Memory counts as well, so that a Redis that goes away gives nobody a fresh start.
        """
        wait = self._attempt_in_memory(suspects)
        if wait > 0:
            return wait
        keys = [each.key for each in suspects]
        bounds = [
            value for each in suspects for value in (each.patience.free, each.patience.longest, each.patience.memory)
        ]

        async def in_redis() -> float:
            return float(await self._scripts.run(_ATTEMPT, keys, bounds, seconds=REDIS_SECONDS))

        wait = await self._choice.ask(in_redis, lambda: 0.0)
        if wait > 0:
            self._forgive_in_memory(suspects)
        return wait

    async def forgive(self, suspects: list[Suspect]) -> None:
        """The attempt was right: take it back, and the delay that it brought."""
        self._forgive_in_memory(suspects)
        keys = [each.key for each in suspects]

        async def in_redis() -> float:
            return float(await self._scripts.run(_FORGIVE, keys, (), seconds=REDIS_SECONDS))

        await self._choice.ask(in_redis, lambda: 0.0)

    def forget_all(self) -> None:
        """What this process remembers."""
        self._counts.clear()

    def _forgive_in_memory(self, suspects: list[Suspect]) -> None:
        for each in suspects:
            attempts, _, until = self._counts.get(each.key, (0, 0.0, 0.0))
            self._counts[each.key] = (max(0, attempts - 1), 0.0, until)

    def _attempt_in_memory(self, suspects: list[Suspect]) -> float:
        now = time.monotonic()
        counts = []
        for each in suspects:
            attempts, ready, until = self._counts.get(each.key, (0, 0.0, 0.0))
            counts.append((attempts, ready) if until > now else (0, 0.0))
        wait = max(ready - now for _, ready in counts)
        if wait > 0:
            return wait
        for each, (attempts, _) in zip(suspects, counts, strict=True):
            more = attempts + 1
            self._counts[each.key] = (more, now + each.patience.delay_after(more), now + each.patience.memory)
        return 0.0
