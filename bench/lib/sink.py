"""The cheapest refusal there is: an answer to whoever connects, nothing read, closed.

Whoever attacks this one costs the machine what any server's refusals would, and the attacker's own work.
"""

from __future__ import annotations

import asyncio
import sys

ANSWER = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        transport.write(ANSWER)
        transport.close()


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Refusal, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
