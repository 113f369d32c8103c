"""The least that could do it: bare ASGI on asyncpg, Easel's own statement, and no check besides those in the SQL.

Nobody is asked who they are, nothing is validated, limited or told to anyone, and nothing logged but the line that
uvicorn writes of each request unless told otherwise. The caller's ids come in the headers.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.core.config import load_settings
from app.core.ids import new_id
from app.repositories.submissions import SUBMIT, lock_submissions

settings = load_settings(_env_file=None)
STEPS, SIDE = 4, 64
MAX_OPEN = 1_000_000


class App:
    def __init__(self) -> None:
        self._pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        ids = dict(scope["headers"])
        body = (await receive())["body"]
        key = ids[b"idempotency-key"].decode(), hashlib.sha256(body).digest()
        caller = UUID(ids[b"x-organization"].decode()), UUID(ids[b"x-user"].decode())
        job = await self._accept(*caller, orjson.loads(body), key)
        body = orjson.dumps(job)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._pool = asyncpg.create_pool(
            settings.database_url,
            min_size=settings.database_pool_size,
            max_size=settings.database_pool_size,
            reset=_nothing,
            server_settings={"jit": "off", "timezone": "UTC"},
        )
        await self._pool
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _accept(
        self, organization: UUID, user: UUID, asked: dict[str, Any], key: tuple[str, bytes]
    ) -> dict[str, Any]:
        job_id, cost = new_id(), SIDE * SIDE * STEPS
        shape = ("plain", SIDE, SIDE, STEPS, 3.0, 7, 1, cost, 0, "plain|64x64|4|3.0", "0" * 32, 86400.0)
        async with self._pool.acquire() as connection:
            await connection.execute(
                f"BEGIN; SET LOCAL ROLE easel_app; SET LOCAL app.organization_id = '{organization}'; "
                f"SET LOCAL app.user_id = '{user}'; {lock_submissions(organization)}"
            )
            period = datetime.now(UTC).date().replace(day=1)
            values = ("private", asked["prompt"], None, *shape, *key, period, None, MAX_OPEN)
            row = await connection.fetchrow(SUBMIT, organization, job_id, user, *values)
            await connection.execute("COMMIT")
        return {"job_id": job_id, "status": "QUEUED", "prompt": asked["prompt"], "created_at": row["created_at"]}


async def _nothing(_: Any) -> None:
    return


app = App()
