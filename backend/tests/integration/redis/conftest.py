"""Servers that are not what a Redis should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis


@pytest.fixture
async def silent() -> AsyncIterator[Redis]:
    """To a server that takes what it is sent, and says nothing."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with Redis.from_url(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}") as redis:
        yield redis
    server.close()
