"""A reverse proxy in front of a real S3 server that can be told to fail: as servers and networks do.

Modes: ``ok``; ``503`` and ``500`` (the server is in trouble); ``full`` (it takes no more: 507); ``hang`` (it takes the
request and never answers); ``torn`` (half of an upload arrives, then the connection breaks).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

HEAD_LIMIT = 64 * 1024
_XML = b"<?xml version='1.0'?><Error><Code>%b</Code><Message>told to</Message></Error>"
_ANSWERS = {
    "503": (b"503 Service Unavailable", b"ServiceUnavailable"),
    "500": (b"500 Internal Server Error", b"InternalError"),
    "full": (b"507 Insufficient Storage", b"InsufficientStorage"),
}


class TroubledProxy:
    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self.mode = "ok"
        self.troubles: Counter[str] = Counter()
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def serve(cls, endpoint: str) -> AsyncIterator[Self]:
        target = urlsplit(endpoint)
        assert target.hostname
        assert target.port
        proxy = cls(target.hostname, target.port)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0, limit=HEAD_LIMIT)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: simple, and each request meets the mode of its moment."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = _content_length(head)
            if b"100-continue" in head.lower():
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await reader.readexactly(length)
            mode = self.mode
            if mode in _ANSWERS:
                self.troubles[mode] += 1
                status, code = _ANSWERS[mode]
                content = _XML % code
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
                    % (status, len(content), content)
                )
            elif mode == "hang":
                self.troubles[mode] += 1
                while self.mode == "hang":  # noqa: ASYNC110 (a mode is a plain word that a test sets)
                    await asyncio.sleep(0.1)
            else:
                torn = mode == "torn" and length > 0
                self.troubles["torn"] += torn
                await self._forward(head, body[: length // 2] if torn else body, writer, torn=torn)
            await writer.drain()
        writer.close()

    async def _forward(self, head: bytes, body: bytes, writer: asyncio.StreamWriter, *, torn: bool) -> None:
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))]
        upstream_reader, upstream = await asyncio.open_connection(self._host, self._port)
        try:
            upstream.write(b"\r\n".join([*lines[:-2], b"Connection: close", b"", b""]) + body)
            await upstream.drain()
            if torn:
                return
            while chunk := await upstream_reader.read(65536):
                writer.write(chunk)
        finally:
            upstream.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    return 0
