"""Attack 21: URLs that lead to loopback, private or metadata addresses, in every dress. No packet leaves."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from app.core.errors import AddressRefused, UpstreamFailed
from app.integrations.outbound import (
    GuardedTransport,
    OutboundClient,
    OutboundGuard,
    OutboundPolicy,
    is_public,
)

PUBLIC = OutboundPolicy()
LOOPBACK = OutboundPolicy(allowed=(ipaddress.ip_network("127.0.0.1/32"),))


@dataclass
class Listener:
    """A real server that counts who connects, and answers each with the same bytes."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    endless: bool = False
    drip_seconds: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            while self.endless:
                writer.write(b"x" * 65536)
                await writer.drain()
                await asyncio.sleep(self.drip_seconds)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, host, port)
    listener.port = server.sockets[0].getsockname()[1]
    async with server:
        yield listener


@asynccontextmanager
async def client(
    policy: OutboundPolicy, names: dict[str, list[list[str]]] | None = None
) -> AsyncIterator[OutboundClient]:
    """With `names` a resolver of our own: each look-up of a name gives its next answer."""
    lookups: dict[str, int] = {}

    async def resolve(host: str, _: int) -> list[str]:
        answers = (names or {})[host]
        lookups[host] = lookups.get(host, -1) + 1
        return answers[min(lookups[host], len(answers) - 1)]

    guard = OutboundGuard(policy) if names is None else OutboundGuard(policy, resolve)
    made = OutboundClient(guard, seconds=5, max_answer_bytes=200_000)
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "localhost",
        "LOCALHOST.",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
async def test_loopback_sees_no_packet_in_any_dress(host: str) -> None:
    async with listening() as here, listening("::1", here.port) as there, client(PUBLIC) as outbound:
        for scheme in ("http", "https"):
            with pytest.raises(AddressRefused):
                await outbound.request("POST", f"{scheme}://{host}:{here.port}/", json={"secret": 1})
        assert here.connections == there.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
async def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(address: str) -> None:
    async with client(PUBLIC, {"evil.example": [["203.0.113.9", address], [address]]}) as outbound:
        with pytest.raises(AddressRefused, match=r"not public"):
            await outbound.check("https://evil.example/")
        with pytest.raises(AddressRefused, match=r"not public"):
            await outbound.check("https://evil.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_a_name_that_changes_its_mind_is_not_asked_again() -> None:
    """DNS rebinding: good when it is checked, the neighbour's address when it is connected to."""
    async with listening() as good, listening("127.0.0.2", good.port) as neighbour:
        names = {"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]}
        async with client(LOOPBACK, names) as outbound:
            answer = await outbound.request("POST", f"http://rebind.example:{good.port}/hook", content=b"x")
            assert (answer.status, answer.body) == (200, b"ok")
            with pytest.raises(AddressRefused):
                await outbound.request("POST", f"http://rebind.example:{good.port}/hook", content=b"x")
        assert (good.connections, neighbour.connections) == (1, 0)
        assert f"host: rebind.example:{good.port}".encode() in good.requests[0].lower()


async def test_a_redirect_is_not_followed() -> None:
    async with listening() as inside, listening() as outside, client(LOOPBACK) as outbound:
        for status in (301, 302, 303, 307, 308):
            outside.answer = (
                f"HTTP/1.1 {status} Moved\r\nLocation: {inside.url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ).encode()
            with pytest.raises(UpstreamFailed, match="redirect"):
                await outbound.request("POST", outside.url, content=b"x")
        assert (outside.connections, inside.connections) == (5, 0)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "ftp://example.com/",
        "//example.com/",
        "example.com",
        "https://",
        "https:///path",
        "https://user:password@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https://127.0.0.1\t.example.com/",
        "https://exa mple.com/",
        "https://example.com/\r\nX-Injected: 1",
        "https://[::1/",
        "https://example.com:99999/",
        "https://" + "a" * 3000 + ".example/",
        "",
    ],
)
async def test_what_is_no_plain_web_address_is_refused_before_any_look_up(url: str) -> None:
    async with client(PUBLIC, {}) as outbound:
        with pytest.raises(AddressRefused):
            await outbound.check(url)
        with pytest.raises(AddressRefused):
            await outbound.request("GET", url)


async def test_plain_http_and_other_ports_are_refused() -> None:
    async with client(PUBLIC, {"public.example": [["8.8.8.8"]]}) as outbound:
        await outbound.check("https://public.example/")
        for url in ("http://public.example/", "https://public.example:6379/", "https://public.example:22/"):
            with pytest.raises(AddressRefused):
                await outbound.check(url)


async def test_only_the_network_that_the_operator_allows_is_open() -> None:
    async with listening() as allowed, listening("127.0.0.2") as other, client(LOOPBACK) as outbound:
        assert (await outbound.request("GET", allowed.url)).status == 200
        with pytest.raises(AddressRefused):
            await outbound.request("GET", f"http://127.0.0.2:{other.port}/")
        assert (allowed.connections, other.connections) == (1, 0)


async def test_an_endless_answer_a_slow_one_and_a_compressed_one_are_cut_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    async with listening() as server, client(LOOPBACK) as outbound:
        server.endless, server.answer = True, head + b"\r\n"
        with pytest.raises(UpstreamFailed, match="more than 200000 bytes"):
            await outbound.request("GET", server.url)
        server.answer = head + b"Content-Encoding: gzip\r\n\r\n"
        with pytest.raises(UpstreamFailed, match="compresses"):
            await outbound.request("GET", server.url)
        impatient = OutboundClient(OutboundGuard(LOOPBACK), seconds=0.5)
        server.answer, server.drip_seconds = head + b"\r\n", 30
        began = time.monotonic()
        with pytest.raises(UpstreamFailed, match="took more than"):
            await impatient.request("GET", server.url)
        assert time.monotonic() - began < 20  # not the thirty that the other side would take
        await impatient.close()


async def test_proxies_of_the_environment_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with client(LOOPBACK) as outbound:
            assert (await outbound.request("GET", server.url)).status == 200
        assert proxy.connections == 0


async def test_the_transport_guards_any_client_even_one_that_follows_redirects() -> None:
    """What a library's own httpx client is given: each hop is looked up and checked."""
    async with listening() as server, listening("127.0.0.2") as neighbour:
        server.answer = (
            f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:{neighbour.port}/\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        transport = GuardedTransport(OutboundGuard(LOOPBACK))
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as http:
            with pytest.raises(AddressRefused):
                await http.get(server.url)
        assert (server.connections, neighbour.connections) == (1, 0)


async def test_a_host_that_is_away_is_the_other_sides_failure() -> None:
    async with listening() as server:
        port = server.port
    async with client(LOOPBACK, {"here.example": [["127.0.0.1"]], "gone.example": [[]]}) as outbound:
        for host in ("here.example", "gone.example"):
            with pytest.raises(UpstreamFailed):
                await outbound.request("GET", f"http://{host}:{port}/")
