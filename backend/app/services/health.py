"""Whether this process can serve: each part is asked, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from app.core.errors import EaselError
from app.core.logging import get_logger
from app.integrations.storage.protocol import Storage
from app.schemas.health import CheckResult, Readiness
from app.services.unit_of_work import UnitsOfWork

log = get_logger(__name__)

DEADLINE_SECONDS = 3.0


class HealthService:
    def __init__(self, units: UnitsOfWork, redis: Redis, storage: Storage, *, head_revision: str | None) -> None:
        self._units = units
        self._redis = redis
        self._storage = storage
        self._head = head_revision

    async def readiness(self) -> Readiness:
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "database": self._database,
            "redis": self._redis_answers,
            "storage": self._storage_writable,
        }
        results = await asyncio.gather(*(self._run(name, check) for name, check in checks.items()))
        answers = dict(zip(checks, results, strict=True))
        return Readiness(status="ready" if all(each.ok for each in results) else "not_ready", checks=answers)

    @staticmethod
    async def _run(name: str, check: Callable[[], Awaitable[str]]) -> CheckResult:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return CheckResult(ok=True, detail=await check())
        except TimeoutError:
            return CheckResult(ok=False, detail=f"no answer within {DEADLINE_SECONDS:g} s")
        except EaselError as error:
            return CheckResult(ok=False, detail=error.detail)
        except Exception as error:
            log.warning("readiness_check_failed", check=name, exc_info=error)
            return CheckResult(ok=False, detail="failed; the log says why")

    async def _database(self) -> str:
        revision = await self._units.migration_revision()
        if revision != self._head:
            raise EaselError(f"the schema is at {revision}, this version needs {self._head}: run ./easel migrate")
        return f"schema at {revision}"

    async def _redis_answers(self) -> str:
        await self._redis.ping()
        return "answers"

    async def _storage_writable(self) -> str:
        await self._storage.check()
        return "writable"
