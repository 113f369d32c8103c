"""Providers of single sign-on for tests: a real one (npm `oidc-provider`, its own process) and one that lies."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.studio import Studio

FOLDER = Path(__file__).parent / "oidc_provider"
CLIENT_ID, CLIENT_SECRET = "easel", "a secret between the two: +%&"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


# ------------------------------------------------------------------------------------------------------ the real one


@dataclass
class RealProvider:
    issuer: str
    process: asyncio.subprocess.Process

    async def change(self, **what: Any) -> None:
        """`accounts`: {id: claims}; `backchannel`: the origin that logout tokens go to."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        await self.process.stdin.drain()
        await _line(self.process, "changed")

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "work",
            "label": "Work account",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": ["openid", "profile", "email", "groups"],
            **changes,
        }


@asynccontextmanager
async def real_provider(public_url: str, *names: str) -> AsyncIterator[RealProvider]:
    """`names` of the providers that the studio knows it by; their callbacks are the only ones that it leads to."""
    await asyncio.to_thread(_install)
    port = free_port()
    addresses = [f"{public_url}/api/v1/auth/oidc/{name}" for name in names or ("work",)]
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{each}/callback" for each in addresses],
        "backchannel_logout_uri": f"{addresses[0]}/backchannel-logout",
        "backchannel_logout_session_required": True,
    }
    node = shutil.which("node")
    assert node is not None, "the tests of single sign-on need Node"
    process = await asyncio.create_subprocess_exec(
        node,
        "provider.mjs",
        json.dumps({"port": port, "clients": [client]}),
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        await _line(process, "ready")
        yield RealProvider(f"http://127.0.0.1:{port}", process)
    finally:
        process.kill()
        await process.wait()


def _install() -> None:
    """Its packages, once, as its lock says."""
    stamp = FOLDER / "node_modules" / ".easel-stamp"
    lock = (FOLDER / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=True)
        stamp.write_text(lock)


async def _line(process: asyncio.subprocess.Process, wanted: str) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        if line.decode().strip() == wanted:
            return
    raise AssertionError(f"the provider ended before it said “{wanted}”")


class PersonAtProvider:
    """A browser at the provider's pages: it signs in there, consents, and comes back with the callback's address."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.http = httpx.AsyncClient(timeout=60, trust_env=False)

    async def visit(self, url: str, *, refuse: bool = False) -> str:
        """Follow the provider's pages from `url` until one leads away from it; returns where to."""
        issuer = urlsplit(url).netloc
        answer = await self.http.get(url)
        for _ in range(20):
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                if urlsplit(url).netloc != issuer:
                    return url
                answer = await self.http.get(url)
                continue
            assert answer.status_code == 200, answer.text
            if refuse:
                url = urljoin(url, re.findall(r'href="([^"]+/abort)"', answer.text)[0])
                answer = await self.http.get(url)
                continue
            action, fields = _form(answer.text)
            url = urljoin(url, action)
            answer = await self.http.post(url, data={**fields, "login": self.login, "password": "any"})
        raise AssertionError("the provider's pages lead nowhere")

    async def sign_out(self, issuer: str) -> None:
        """At the provider, which then tells the studio."""
        page = await self.http.get(f"{issuer}/session/end")
        action, fields = _form(page.text)
        answer = await self.http.post(urljoin(issuer, action), data={**fields, "logout": "yes"})
        assert answer.status_code < 400, answer.text


def _form(page: str) -> tuple[str, dict[str, str]]:
    (action,) = re.findall(r'<form[^>]*action="([^"]+)"', page)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden":
            fields[attributes["name"]] = attributes.get("value", "")
    return action, fields


# ---------------------------------------------------------------------------------------------------- the studio's side


async def depart(http: httpx.AsyncClient, name: str = "work", next_path: str | None = None) -> str:
    """Where the studio sends the browser."""
    parameters = {} if next_path is None else {"next": next_path}
    answer = await http.get(f"/api/v1/auth/oidc/{name}/login", params=parameters)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


async def arrive(http: httpx.AsyncClient, callback: str) -> str:
    """Bring the callback's address to where the studio really listens; returns where it leads on, as a path."""
    parts = urlsplit(callback)
    answer = await http.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 303, answer.text
    location = str(answer.headers["Location"])
    assert location.startswith("http://127.0.0.1:3000/"), location
    return location.removeprefix("http://127.0.0.1:3000")


def parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


async def sign_in(studio: Studio, login: str, name: str = "work", **options: Any) -> tuple[httpx.AsyncClient, str]:
    """The person's browser, and where it ended up."""
    http = await studio.http()
    return http, await arrive(http, await PersonAtProvider(login).visit(await depart(http, name, **options)))


# ---------------------------------------------------------------------------------------------------- the one that lies


@dataclass
class LyingProvider:
    """Answers what a test wants. What it says by itself is right."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    metadata: dict[str, Any] = field(default_factory=dict)
    more_keys: list[dict[str, Any]] = field(default_factory=list)
    id_token: str = ""
    tokens_of_codes: dict[str, str] = field(default_factory=dict)
    access_token: str = "an access token"
    userinfo: dict[str, Any] = field(default_factory=dict)
    redeemed: list[dict[str, str]] = field(default_factory=list)
    key_fetches: int = 0
    answer: Response | None = None

    def claims(self, **changes: Any) -> dict[str, Any]:
        """None takes a claim away."""
        now = int(time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            "email": "ann@work.example",
            "email_verified": True,
            "name": "Ann",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: dict[str, Any], *, key: Any = None, **header: Any) -> str:
        header = {"alg": "RS256", "kid": "one", **header}
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(header, claims, key or self.key, algorithms=[header["alg"]])

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "work",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            **changes,
        }

    async def _discovery(self, _: Request) -> Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return JSONResponse({name: value for name, value in document.items() if value is not None})

    async def _keys(self, _: Request) -> Response:
        self.key_fetches += 1
        return JSONResponse({"keys": [*KeySet([self.key]).as_dict(private=False)["keys"], *self.more_keys]})

    async def _token(self, request: Request) -> Response:
        self.redeemed.append({name: str(value) for name, value in (await request.form()).items()})
        if self.answer is not None:
            return self.answer
        id_token = self.tokens_of_codes.get(self.redeemed[-1]["code"], self.id_token)
        return JSONResponse({"id_token": id_token, "access_token": self.access_token, "token_type": "Bearer"})

    async def _userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.access_token}":
            return Response(status_code=401)
        return JSONResponse(self.userinfo)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )


@asynccontextmanager
async def lying_provider() -> AsyncIterator[LyingProvider]:
    provider = LyingProvider()
    config = uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.01)
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
