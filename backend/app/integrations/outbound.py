"""Requests to addresses that a user may choose: webhooks, moderation endpoints, identity providers.

A server that fetches what it is told to can be told to fetch its own neighbours (server-side request forgery). So each
request through here looks its host up once, refuses it unless every address found is a public one, and connects to the
very address that was checked: a name that answers differently the next time (DNS rebinding) is not asked a next time.
Redirects are not followed, nothing of the environment (proxies, .netrc) counts, and time and size are bounded.

What the operator of the studio allows by setting (`OutboundPolicy.allowed`), such as a service in the same cluster,
may be private, and may speak plain HTTP on any port.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.core.errors import AddressRefused, UpstreamAway, UpstreamFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]

SECONDS = 10.0
MAX_ANSWER_BYTES = 1_000_000
MAX_URL_CHARS = 2000
STANDARD_PORTS = frozenset({80, 443})

# Networks that Python calls global, or whose meaning is another address that they carry.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments; one of them is a cloud's metadata
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "168.63.129.16/32",  # Azure's agent on each of its machines
        "100.100.100.200/32",  # Alibaba's metadata
        "2001::/23",  # Teredo and other protocol assignments
        "64:ff9b:1::/48",  # local NAT64
        "fec0::/10",  # site-local, deprecated and still routed by some
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")
# As the URL Standard has it: a name whose last label is a number is an IPv4 address in some dress.
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """`allowed`: networks of the operator's own choice. `ports`: of everybody else."""

    allowed: tuple[Network, ...] = ()
    ports: frozenset[int] = STANDARD_PORTS

    def is_allowed(self, address: Address) -> bool:
        plain = unwrap(address)
        return any(plain in network for network in self.allowed if network.version == plain.version)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was looked up and found good, with the addresses to connect to, in the resolver's order."""

    host: str
    port: int
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def resolve_by_system(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether the address is somebody's on the Internet, and not ours, the machine's, the link's or the cloud's."""
    plain = unwrap(address)
    if not plain.is_global or plain.is_multicast or plain.is_reserved:
        return False
    return not any(plain in network for network in _NOT_PUBLIC if network.version == plain.version)


def unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4); else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:  # "IPv4-compatible", long deprecated
        return ipaddress.IPv4Address(int(address))
    return address


class OutboundGuard:
    """Says where a URL leads, or that nobody goes there."""

    def __init__(self, policy: OutboundPolicy, resolve: Resolve = resolve_by_system) -> None:
        self._policy = policy
        self._resolve = resolve

    async def look_up(self, url: str) -> Target:
        """Raises `AddressRefused`, and `UpstreamFailed` when the name has no address at this moment."""
        scheme, host, port = _parts(url)
        addresses = await self._addresses(host, port)
        for address in addresses:
            if self._policy.is_allowed(address):
                continue
            if not is_public(address):
                raise AddressRefused(
                    f"{host} leads to an address that is not public. Use a public one, or let the operator of the "
                    "studio allow it (EASEL_OUTBOUND_ALLOWED)."
                )
            if scheme != "https":
                raise AddressRefused("Use https:// here: over http:// others on the way can read and change it.")
            if port not in self._policy.ports:
                ports = ", ".join(map(str, sorted(self._policy.ports)))
                raise AddressRefused(f"Port {port} is not allowed here. Use one of: {ports}.")
        return Target(host, port, tuple(addresses))

    async def _addresses(self, host: str, port: int) -> list[Address]:
        literal = _literal(host)
        if literal is not None:
            return [literal]
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._resolve(host, port)
            # A scope, as in fe80::1%eth0, says by which link; what matters is the address.
            addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in found]
        except (OSError, TimeoutError, ValueError) as error:
            raise UpstreamAway(f"There is no address for {host} at the moment. Check its name.") from error
        if not addresses:
            raise UpstreamAway(f"There is no address for {host} at the moment. Check its name.")
        return addresses


class GuardedTransport(httpx.AsyncBaseTransport):
    """For any `httpx.AsyncClient`: connects to the address that the guard has checked, under the name that was asked.

    The certificate is checked against the name. Connections are not kept: two names may share an address.
    """

    def __init__(self, guard: OutboundGuard, *, verify: ssl.SSLContext | bool = True) -> None:
        self._guard = guard
        self._inner = httpx.AsyncHTTPTransport(
            verify=verify, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = await self._guard.look_up(str(request.url))
        request.extensions = {**request.extensions, "sni_hostname": target.host}
        url = request.url
        for number, address in enumerate(target.addresses, 1):
            request.url = url.copy_with(host=str(address))
            try:
                return await self._inner.handle_async_request(request)
            except httpx.ConnectError:
                if number == len(target.addresses):
                    raise
        raise AssertionError("look_up gives at least one address")

    async def aclose(self) -> None:
        await self._inner.aclose()


class OutboundClient:
    """One bounded request at a time to where a user said."""

    def __init__(
        self,
        guard: OutboundGuard,
        *,
        seconds: float = SECONDS,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self._guard = guard
        self._seconds = seconds
        self._max_bytes = max_answer_bytes
        self._http = httpx.AsyncClient(
            transport=GuardedTransport(guard, verify=verify), follow_redirects=False, trust_env=False, timeout=seconds
        )

    async def check(self, url: str) -> None:
        """For the moment a URL is set. Raises `AddressRefused`, `UpstreamFailed`."""
        await self._guard.look_up(url)

    async def request(
        self, method: str, url: str, *, json: Any = None, content: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> OutboundAnswer:
        """The answer, whatever its status under 300 or over 399. Raises `AddressRefused` and `UpstreamFailed`."""
        _parts(url)  # httpx would refuse some of these in words of its own
        # A compressed answer may be a thousand times its size.
        asked = {"Accept-Encoding": "identity", **headers}
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(method, url, json=json, content=content, headers=asked) as answer,
            ):
                if answer.is_redirect:
                    raise UpstreamFailed("The other side answers with a redirect. Give the address that it leads to.")
                return OutboundAnswer(answer.status_code, await self._read(answer), dict(answer.headers))
        except TimeoutError as error:
            raise UpstreamAway(f"The other side took more than {self._seconds:g} s to answer.") from error
        except httpx.InvalidURL as error:
            raise AddressRefused("This is not a web address. It looks like https://example.com/path.") from error
        except (httpx.HTTPError, ssl.SSLError) as error:
            raise UpstreamAway("The other side could not be reached, or did not speak HTTP as it should.") from error

    async def close(self) -> None:
        await self._http.aclose()

    async def _read(self, answer: httpx.Response) -> bytes:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise UpstreamFailed("The other side compresses its answer though it was asked not to.")
        body = bytearray()
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise UpstreamFailed(f"The other side answers with more than {self._max_bytes} bytes.")
        return bytes(body)


def _parts(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `AddressRefused` for what is no plain web address."""
    if len(url) > MAX_URL_CHARS or not url.isprintable() or "\\" in url or " " in url:
        raise AddressRefused("This is not a web address. It looks like https://example.com/path.")
    try:
        split = urlsplit(url)
        # httpx has the last word on what the host is, since it is httpx that connects.
        parsed = httpx.URL(url)
        port = split.port or parsed.port
    except (ValueError, httpx.InvalidURL) as error:
        raise AddressRefused("This is not a web address. It looks like https://example.com/path.") from error
    if parsed.scheme not in {"http", "https"}:
        raise AddressRefused("Only https:// addresses are asked.")
    host = parsed.raw_host.decode("ascii").lower().removesuffix(".")
    if not host or split.hostname is None:
        raise AddressRefused("The address names no host. It looks like https://example.com/path.")
    if parsed.userinfo or "@" in split.netloc:
        raise AddressRefused("Leave name and password out of the address.")
    if _literal(host) is None and _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise AddressRefused("Write an IP address in its plain form, such as 203.0.113.7.")
    return parsed.scheme, host, port or (443 if parsed.scheme == "https" else 80)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
