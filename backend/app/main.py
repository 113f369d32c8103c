"""The ASGI application."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import __version__
from app.api.authorization import require_declared_access
from app.api.compat.openai import router as openai
from app.api.cookies import CookieNames
from app.api.docs import OPENAPI_URL, DescribedApi, install_docs
from app.api.gate import Gate
from app.api.middleware import BODY_SECONDS, BodyLimit, RequestContext
from app.api.operations import router as operations
from app.api.problems import install_problem_handlers
from app.api.short_way import install_short_way
from app.api.v1.router import router as v1
from app.bootstrap.parts import open_parts
from app.bootstrap.services import make_misuse_limits, make_services
from app.core.config import Settings, load_settings
from app.core.logging import configure_logging, get_logger

log = get_logger(__name__)

DESCRIPTION = """Text to image for teams. Ask with `POST /api/v1/generate`, follow the job at its `Location` or in the
event stream, find the images in the gallery. Errors are problem details (RFC 9457) with a stable `code`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """For `uvicorn --factory app.main:create_app`. Settings come from the environment unless they are given."""
    settings = settings or load_settings()
    configure_logging(level=settings.log_level, log_format=settings.log_format, service="api")
    return _bare_app(settings)


def create_openapi() -> dict[str, Any]:
    """The OpenAPI document, without any setting or server."""
    return _bare_app(None).openapi()


def _bare_app(settings: Settings | None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assert settings is not None, "an application without settings only describes itself"
        async with open_parts(settings) as parts:
            app.state.services = make_services(parts)
            # What is there now stays: the collector need not walk through it again and again.
            gc.collect()
            gc.freeze()
            log.info("api_started", version=__version__)
            yield
            log.info("api_stopping")

    app = DescribedApi(
        title="Easel",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        # Our own log and metrics tell of requests. FastAPI's would look for its exporters on each, and quote errors.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.settings = settings
    app.include_router(v1)
    app.include_router(openai)
    app.include_router(operations)
    install_docs(app)
    install_problem_handlers(app)
    require_declared_access(app)
    install_short_way(app)
    app.add_middleware(BodyLimit, seconds=BODY_SECONDS if settings is None else settings.body_seconds)
    if settings is not None:
        app.add_middleware(Gate, limits=make_misuse_limits(settings), cookie=CookieNames.for_settings(settings).access)
    app.add_middleware(RequestContext, over_tls=settings is not None and settings.secure_cookies)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
