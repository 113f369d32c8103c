"""Asking a provider, through the guard of all requests to the outside: bounded in time and size, following no redirect,
and only to public addresses, this machine when the issuer is on it, and the networks that its setting names."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import orjson

from app.core.errors import AddressRefused, Unavailable, UpstreamAway, UpstreamFailed
from app.core.logging import get_logger
from app.core.oidc_settings import OidcProviderSettings, is_on_this_machine, is_safe_url
from app.integrations.outbound import STANDARD_PORTS, OutboundClient, OutboundGuard, OutboundPolicy

log = get_logger(__name__)

MAX_ANSWER_BYTES = 512 * 1024
_THIS_MACHINE = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def make_provider_client(settings: OidcProviderSettings) -> OutboundClient:
    """The issuer's own port is as good as the standard ones."""
    here = _THIS_MACHINE if is_on_this_machine(settings.issuer) else ()
    ports = STANDARD_PORTS | {urlsplit(settings.issuer).port or 443}
    # A company's own authority is known to the system (or named in SSL_CERT_FILE), the public ones also to httpx.
    certificates = httpx.create_ssl_context()
    certificates.load_default_certs()
    guard = OutboundGuard(OutboundPolicy((*settings.networks, *here), ports))
    return OutboundClient(guard, max_answer_bytes=MAX_ANSWER_BYTES, verify=certificates)


class ProviderHttp:
    def __init__(self, name: str, client: OutboundClient) -> None:
        self._name = name
        self._client = client

    async def close(self) -> None:
        await self._client.close()

    async def get(self, url: str, *, bearer: str | None = None) -> dict[str, Any]:
        return await self._ask("GET", url, {} if bearer is None else {"Authorization": f"Bearer {bearer}"})

    async def post(self, url: str, form: dict[str, str], *, auth: tuple[str, str] | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if auth is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
        return await self._ask("POST", url, headers, urlencode(form).encode())

    async def _ask(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None = None
    ) -> dict[str, Any]:
        """The JSON object of a 200. Raises `Unavailable` when nobody answers, `UpstreamFailed` for any other answer."""
        if not is_safe_url(url):
            raise self.failed("unsafe_address")
        sent = {"Accept": "application/json", "User-Agent": "Easel", **headers}
        try:
            answer = await self._client.request(method, url, content=content, headers=sent)
        except AddressRefused as error:
            log.warning("sso_address_refused", provider=self._name, hint="a private network? name it in “networks”")
            raise self.failed("address_refused") from error
        except UpstreamAway as error:
            log.warning("sso_provider_away", provider=self._name)
            raise Unavailable(
                "The sign-in service of your organisation does not answer. Try again in a minute.",
                retry_after=30,
                code="sso_unavailable",
            ) from error
        except UpstreamFailed as error:
            raise self.failed("no_usable_answer") from error
        if answer.status != httpx.codes.OK:
            raise self.failed(f"status_{answer.status}")
        try:
            value = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise self.failed("no_json") from error
        if not isinstance(value, dict):
            raise self.failed("no_object")
        return value

    def failed(self, reason: str) -> UpstreamFailed:
        log.warning("sso_failed", provider=self._name, reason=reason)
        return UpstreamFailed(
            "The sign-in service of your organisation gave an answer that can't be used. Try again; if it stays so, "
            "tell whoever runs this studio.",
            code="sso_failed",
        )
