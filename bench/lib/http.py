"""A client that costs little, so that the server is what is measured: kept connections, and nothing parsed in vain."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START_SECONDS = 120.0


class Refused(Exception):
    """The server did not answer as expected; the message is its answer."""


async def send_all(port: int, requests: Sequence[bytes], *, connections: int, expected: int) -> list[float]:
    """Send every request, `connections` at a time, each as soon as the one before it on its connection is answered.

    Returns the seconds that each took. Raises `Refused` for another status than the expected one.
    """
    waiting, took = iter(requests), list[float]()

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            await exchange(reader, writer, request, expected)
            took.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return took


async def exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: bytes,
    expected: int,
) -> bytes:
    """The body of the answer. Raises `Refused` for another status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(head))
    if not head.startswith(f"HTTP/1.1 {expected} ".encode()):
        raise Refused((head + body).decode(errors="replace"))
    return body


class Line:
    """A kept connection, and a new one where the server has closed it in a pause."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def ask(self, request: bytes, expected: int) -> bytes:
        async with self._turn:
            if self._ends is None or self._ends[0].at_eof():
                self.close()
                self._ends = await asyncio.open_connection("127.0.0.1", self._port)
            return await exchange(*self._ends, request, expected)

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()


def post(path: str, body: bytes, token: str, **more: object) -> bytes:
    """`more` are headers, with _ for -."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def until_it_is_ready(process: subprocess.Popen[bytes], port: int, log: Path, path: str) -> None:
    """Longer than until its port is open: until `path` is answered with 200."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        await until_it_answers(process, port, log)
        try:
            await send_all(port, [get(path, "")], connections=1, expected=200)
        except (Refused, OSError, asyncio.IncompleteReadError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Refused(f"the server at port {port} did not become ready:\n{_end_of(log)}") from None
            await asyncio.sleep(0.2)
        else:
            return


async def until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Refused(f"no server at port {port}:\n{_end_of(log)}") from None
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


def _length(head: bytes) -> int:
    marker = b"\r\ncontent-length:"
    at = head.lower().find(marker)
    return int(head[at + len(marker) : head.index(b"\r\n", at + 2)]) if at >= 0 else 0


def _end_of(log: Path) -> str:
    return log.read_text()[-3000:]
