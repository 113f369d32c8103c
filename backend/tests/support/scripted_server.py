"""A real HTTP server on a loopback port that answers as it was told, once for each line of its script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Answer:
    """`body` is sent as JSON unless it is bytes. `cut`: the connection breaks after it. `hold`: it stays open."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold: bool = False


@dataclass
class ScriptedServer:
    """`requests` has (method, path, headers, JSON) of what came to POST; GET is answered with `on_get`."""

    script: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    on_get: Answer = field(default_factory=lambda: Answer(body={"id": "picture-1", "object": "model"}))
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    @classmethod
    @asynccontextmanager
    async def serve(cls) -> AsyncIterator[Self]:
        scripted = cls()
        server = await asyncio.start_server(scripted._serve, "127.0.0.1", 0)
        scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield scripted
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            if first.startswith("GET"):
                answer = self.on_get
            else:
                self.requests.append((first.split()[1], headers, json.loads(body)))
                answer = self.script.pop(0)
            await self._send(answer, reader, writer)
        writer.close()

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = {"Content-Type": "application/json", "Connection": "close", **answer.headers}
        if not (answer.hold or answer.headers.get("Content-Type", "").startswith("text/event-stream")):
            headers["Content-Length"] = str(len(content) + (10 if answer.cut else 0))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {answer.status} Scripted\r\n{head}\r\n".encode() + content)
        await writer.drain()
        if answer.hold and await reader.read(1) == b"":
            self.hung_up.set()
