"""Which workers are alive and what they have loaded: small keys in Redis that expire on their own."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "easel:workers:"
ALIVE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """`device` in torch's words, e.g. ``cpu``; `state` is ``starting``, ``loading``, ``idle`` or ``busy``."""

    name: str
    device: str
    state: str
    loaded_models: tuple[str, ...]


class WorkerBoard:
    """A board that nobody depends on: when Redis is away it is empty."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def announce(self, card: WorkerCard) -> None:
        try:
            await self._redis.set(PREFIX + card.name, orjson.dumps(asdict(card)), ex=ALIVE_SECONDS)
        except (RedisError, OSError):
            return

    async def withdraw(self, name: str) -> None:
        try:
            await self._redis.delete(PREFIX + name)
        except (RedisError, OSError):
            return

    async def cards(self) -> list[WorkerCard]:
        try:
            keys = [key async for key in self._redis.scan_iter(match=PREFIX + "*", count=100)]
            values = await self._redis.mget(keys) if keys else []
        except (RedisError, OSError):
            return []
        cards = []
        for value in values:
            if value is not None:
                content = orjson.loads(value)
                cards.append(WorkerCard(**{**content, "loaded_models": tuple(content["loaded_models"])}))
        return cards

    async def count(self) -> int:
        return len(await self.cards())
