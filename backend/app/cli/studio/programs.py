"""The application's processes: how each is started, and what it finds in its environment."""

from __future__ import annotations

import secrets
import shutil
import sys
from pathlib import Path

from app.cli.studio.environment import FRONTEND
from app.cli.studio.ports import LOOPBACK
from app.cli.studio.processes import Program
from app.cli.studio.supervisor import StartFailed
from app.core.config import REPOSITORY_ROOT

CELERY = (sys.executable, "-m", "celery", "-A", "app.worker:celery_app")


def api(environment: dict[str, str], port: int) -> Program:
    options = ("--host", LOOPBACK, "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "10")
    # Only the proxy on loopback reaches it, so only from there may X-Forwarded-* be believed.
    forwarded = ("--proxy-headers", "--forwarded-allow-ips", LOOPBACK)
    return Program(
        "api",
        (sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", *options, *forwarded),
        env=environment,
        cwd=REPOSITORY_ROOT,
        stop_seconds=15,
    )


def celery_worker(name: str, queue: str, pool: tuple[str, ...], environment: dict[str, str]) -> Program:
    """Consumes one queue. No gossip, mingle or heartbeats: nobody listens, and PostgreSQL knows the leases."""
    node = f"{name}-{secrets.token_hex(3)}@%h"
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(
        name,
        (*CELERY, "worker", "--queues", queue, "--hostname", node, *pool, *quiet),
        env=environment,
        cwd=REPOSITORY_ROOT,
        stop_seconds=20,
    )


def beat(environment: dict[str, str], home: Path) -> Program:
    # The supervisor knows its process already; Celery's own pid file would only refuse to start after a crash.
    options = ("--schedule", str(home / "run" / "celerybeat-schedule"), "--pidfile=")
    return Program(
        "beat",
        (*CELERY, "beat", *options),
        env=environment,
        cwd=REPOSITORY_ROOT,
    )


def static_files() -> Path | None:
    """What the built pages name under /_next/static; None where they were built without (or not at all)."""
    folder = FRONTEND / ".next" / "standalone" / ".next" / "static"
    return folder if folder.is_dir() else None


def web(environment: dict[str, str], port: int, api_url: str) -> Program:
    node, server = shutil.which("node"), FRONTEND / ".next" / "standalone" / "server.js"
    if node is None:
        raise StartFailed("node is not on PATH: install Node 20 or newer, or start without pages: ./easel up --no-web")
    if not server.exists():
        raise StartFailed(f"the pages are not built ({server} is missing): run ./easel setup")
    own = {"HOSTNAME": LOOPBACK, "PORT": str(port), "EASEL_API_INTERNAL_URL": api_url, "NODE_ENV": "production"}
    # Pages need no secret, and a dependency of a dependency shall find none.
    shown = {name: value for name, value in environment.items() if not name.startswith("EASEL_")}
    public = {name: environment[name] for name in ("EASEL_PUBLIC_URL",)}
    return Program("web", (node, str(server)), env={**shown, **public, **own}, cwd=server.parent)
